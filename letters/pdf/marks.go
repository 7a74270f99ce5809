package pdf

import (
	"fmt"
	"strconv"
	"strings"
)

// moduleSize is the side of a Data Matrix module: 0.53 mm, read from 150 dpi.
const moduleSize unit = 1_500

// machineMark is the content of a sheet's Data Matrix: scheme, letter ID,
// generation, sheet n of N.
func machineMark(id string, generation, n, of int) string {
	return fmt.Sprintf("OS1|%s|%d|%d|%d", id, generation, n, of)
}

// barcode places the customer barcode with its upper left corner at x, y. Bars
// are 1 long, 2 semi-long up, 3 semi-long down, 4 timing; heights are 6:4:2
// (Japan Post barcode manual p12), so a module is a bar wide and a third of a bar high.
func (f *flow) barcode(bars []byte, x, y unit) {
	g := f.window
	w, h := g.barcodeSize(len(bars))
	m := mark{box: box{x, y, w, h}, window: true, moduleX: g.moduleX, moduleY: g.moduleY,
		cells: make([]cell, 0, len(bars))}
	for i, s := range bars {
		top, height := uint16(0), uint16(3)
		switch s {
		case 2:
			height = 2
		case 3:
			top, height = 1, 2
		case 4:
			top, height = 1, 1
		}
		m.cells = append(m.cells, cell{uint16(2 * i), top, 1, height})
	}
	f.page.marks = append(f.page.marks, m)
}

// footer sets marks and page numbers once the number of sheets is known.
func (f *flow) footer(id, groups string, generation int, folded bool) error {
	total := f.sheet.used
	for i := range total {
		f.page = &f.sheet.pages[i]
		if err := f.matrix(machineMark(id, generation, i+1, total)); err != nil {
			return err
		}
		f.markDigits(groups, generation, i+1, total)
		f.pageNumber(i+1, total)
		if i == 0 && folded {
			for _, y := range f.window.folds {
				f.page.rule(mm(3), y, mm(8), y, hairline)
			}
		}
	}
	return nil
}

// matrix draws a Data Matrix at the lower left, in runs of dark modules.
func (f *flow) matrix(content string) error {
	code, err := f.shared.matrices.encode(content)
	if err != nil {
		return fmt.Errorf("machine mark: %w", err)
	}
	size := code.side
	side := unit(size) * moduleSize
	m := mark{box: box{leftEdge, mm(markTop), side, side}, moduleX: moduleSize.points(), moduleY: moduleSize.points()}
	m.cells = append(make([]cell, 0, size*size/3), cell{0, 0, 1, uint16(size)}) // the solid left border
	for y := range size {
		for x := 1; x < size; x++ {
			from := x
			for x < size && code.dark[y][x] {
				x++
			}
			if x > from {
				m.cells = append(m.cells, cell{uint16(from), uint16(y), uint16(x - from), 1})
			}
		}
	}
	f.page.marks = append(f.page.marks, m)
	return nil
}

// markDigits prints beside the matrix what it holds.
func (f *flow) markDigits(groups string, generation, n, of int) {
	x := leftEdge + 24*moduleSize
	lines := [2]string{groups, strconv.Itoa(generation) + "-" + strconv.Itoa(n) + "/" + strconv.Itoa(of)}
	for i, s := range lines {
		f.page.put(f.word(s, idSize, false), x, mm(markTop)+9_000+unit(i)*9_500, artifact)
	}
}

// pageNumber prints n枚目/全N枚 in the middle of the foot.
func (f *flow) pageNumber(n, of int) {
	if f.labels.Page == "" {
		return
	}
	s := f.labels.Page
	for _, v := range []int{n, of} {
		s = strings.Replace(s, "%d", strconv.Itoa(v), 1)
	}
	l := f.word(s, 9_000, false)
	f.page.put(l, (pageWidth-l.width)/2, mm(markTop)+14_000, artifact)
}
