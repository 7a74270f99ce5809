package pdf

// The look of the sheet. The measure is 43 characters of body type, and the
// address block begins at its left edge. Notes and tables are set at 9.5 pt.
const (
	bodySize    unit = 11_000
	bodyLead    unit = 17_200
	tightLead   unit = 16_400 // where that saves a sheet
	smallSize   unit = 9_500
	smallLead   unit = 14_400
	tableLead   unit = 13_400
	measure     unit = 43 * bodySize
	pageWidth   unit = 595_280
	pageHeight  unit = 841_890
	leftEdge    unit = (pageWidth - measure) / 2
	rightEdge   unit = leftEdge + measure
	titleSize   unit = 15_000
	headSize    unit = 12_000
	subheadSize unit = 11_000
	noteSize    unit = 8_500

	hairline unit = 300
	thinRule unit = 500

	cellPadX unit = 5_000
	cellPadY unit = 2_400

	rowTint = 240 // of 255: the ground of heading cells
	barGray = 96  // bars of charts
)

// Vertical positions in millimetres.
const (
	headerTop  = 20.0
	laterTop   = 19.0
	bodyBottom = 272.0
	markTop    = 276.0
)

// ascent is the part of the em square above the baseline in Japanese type.
const ascentPermille = 880

// baseline gives the baseline of a line box: type of a size centred in it.
func baseline(top, lead, size unit) unit {
	return top + (lead-size)/2 + size*ascentPermille/1000
}
