package pdf

import "oshirase/letters"

// sheetGeometry is the sheet's geometry in layout units.
type sheetGeometry struct {
	always, ever box // what every shift shows, and what any shift can show
	folds        []unit
	barGap       unit // clear space around the barcode, 2 mm (Japan Post manual p13)
	// Modules of the barcode in pt: a bar is one module wide, and as much is
	// left free; a timing bar is one high, a long bar three. At 10 pt they are
	// 0.6 and 1.2 mm (manual p12).
	moduleX, moduleY float64
}

func newGeometry(s letters.Sheet) *sheetGeometry {
	a := s.BarcodePt / 10
	g := &sheetGeometry{always: seen(s.Always()), ever: seen(s.Ever()), barGap: mm(s.BarcodeGap),
		moduleX: 0.6 * a * 72 / 25.4, moduleY: 1.2 * a * 72 / 25.4}
	for _, y := range s.Folds {
		g.folds = append(g.folds, mm(y))
	}
	return g
}

func seen(s letters.Seen) box { return box{mm(s.X), mm(s.Y), mm(s.W), mm(s.H)} }

// barcodeSize is width and height of a customer barcode.
func (g *sheetGeometry) barcodeSize(bars int) (w, h unit) {
	return pt(float64(2*bars-1) * g.moduleX), pt(3 * g.moduleY)
}
