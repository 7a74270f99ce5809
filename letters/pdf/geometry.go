package pdf

import "oshirase/letters"

// sheetGeometry is the sheet's geometry in layout units.
type sheetGeometry struct {
	always, ever box // what every shift shows, and what any shift can show
	folds        []unit
	barHeight    unit // of a long bar: 3.6 mm at 10 pt (Japan Post manual p12)
	barWidth     unit // 0.6 mm
	barPitch     unit // 1.2 mm
	barGap       unit // clear space on all sides, 2 mm (manual p13)
}

func newGeometry(s letters.Sheet) *sheetGeometry {
	a := s.BarcodePt / 10
	g := &sheetGeometry{always: seen(s.Always()), ever: seen(s.Ever()), barHeight: mm(3.6 * a),
		barWidth: mm(0.6 * a), barPitch: mm(1.2 * a), barGap: mm(s.BarcodeGap)}
	for _, y := range s.Folds {
		g.folds = append(g.folds, mm(y))
	}
	return g
}

func seen(s letters.Seen) box { return box{mm(s.X), mm(s.Y), mm(s.W), mm(s.H)} }

// barcodeSize is width and height of the bars of a customer barcode.
func (g *sheetGeometry) barcodeSize(bars int) (w, h unit) {
	return unit(bars-1)*g.barPitch + g.barWidth, g.barHeight
}
