package pdf

import "strings"

// line is a stretch of glyphs that stands on one line, and how far it is to
// be spread.
type line struct {
	from, to int
	gaps     []unit
}

const noStart = "、。，．・：；？！ー）」』】〕〉》］｝々ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ%％)]},.:;?!"
const noEnd = "（「『【〔〈《［｛([{〒"

func canBreak(a, b *glyph) bool {
	if a.keep != 0 && a.keep == b.keep {
		return false
	}
	if strings.Contains(noStart, b.text) || strings.Contains(noEnd, a.text) {
		return false
	}
	return !(a.w < 600 && b.w < 600 && a.text != " " && b.text != " ")
}

// breakLines sets a run into lines of the given widths.
func breakLines(run []glyph, first, rest, size unit, justify bool) []line {
	var out []line
	from, room := 0, first
	for from < len(run) {
		var w unit
		to, last := from, 0
		for to < len(run) {
			w += run[to].advance(size)
			if w > room && to > from {
				break
			}
			to++
			if to < len(run) && canBreak(&run[to-1], &run[to]) {
				last = to
			}
		}
		if to < len(run) && last > from {
			to = last
		}
		l := line{from: from, to: to}
		if justify && to < len(run) && to-from > 1 {
			free := room - width(run[from:to], size)
			l.gaps = make([]unit, to-from)
			for i := range to - from - 1 {
				n := unit(to - from - 1)
				l.gaps[i] = free*unit(i+1)/n - free*unit(i)/n
			}
		}
		out = append(out, l)
		from, room = to, rest
	}
	return out
}
