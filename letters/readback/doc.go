// Package readback opens finished files — PDF, ZIP, XLSX — and says what
// stands in them: the text and where it stands, the glyphs behind it, the
// rectangles of a barcode, the cells of a list. It shares no code with what
// made them and imports nothing of this program, so that a fault of the makers
// is not repeated by the one who checks.
//
// It is strict. What it does not understand is an error or a Finding, never
// passed over: a page that it reports without either holds nothing else.
package readback
