package text

// Options say how a paragraph is set.
type Options struct {
	Justify bool    // both edges even, but for the last line
	Indent  float64 // of the first line, in the unit of the items
	Grid    bool    // plain text: every cluster keeps its width, no aki
}

// Line is items First up to but not including End; spaces at its end belong
// to it but take no room. Width is what it fills of the measure.
type Line struct {
	First, End int
	Indent     float64
	Width      float64
}

// Breaker breaks paragraphs into lines (JLREQ 3.1, 3.8). It keeps its memory
// between calls: one Breaker a goroutine. The zero value is ready.
type Breaker struct {
	items   []Item
	measure float64
	opts    Options

	body  []float64 // width without the empty halves of punctuation
	lead  []float64 // empty part before the ink, cut from body
	trail []float64 // empty part after the ink, cut from body
	gap   []float64 // natural space before the item
	kind  []aki     // of that gap
	level []level   // of a line starting at the item

	lines []Line
	x     []float64
}

// Break returns the lines of a paragraph and, for each item, the distance
// from the line's left edge at which its glyph is to be drawn; a bracket
// whose empty half is cut hangs out of its place by that half, so x can be
// negative. Both slices are valid until the next call. Nothing is lost or
// moved: the lines hold all items in order. A line is never wider than
// measure, unless it is one item.
func (b *Breaker) Break(items []Item, measure float64, opts Options) ([]Line, []float64) {
	b.items, b.measure, b.opts = items, measure, opts
	b.prepare()
	b.lines = b.lines[:0]
	for start := 0; start < len(items); {
		end := b.lineEnd(start)
		b.lines = append(b.lines, Line{First: start, End: end, Indent: b.indent(start)})
		start = end
	}
	b.mendWidows()
	for i := range b.lines {
		b.place(&b.lines[i])
	}
	return b.lines, b.x
}

func (b *Breaker) indent(start int) float64 {
	if start == 0 {
		return b.opts.Indent
	}
	return 0
}

// prepare works out, once a paragraph, what stands between each two items.
func (b *Breaker) prepare() {
	n := len(b.items)
	b.body, b.lead, b.trail = grow(b.body, n), grow(b.lead, n), grow(b.trail, n)
	b.gap, b.x = grow(b.gap, n), grow(b.x, n)
	b.kind, b.level = grow(b.kind, n), grow(b.level, n)
	for i := range b.items {
		it := &b.items[i]
		lead, trail := b.trims(it)
		b.lead[i], b.trail[i], b.body[i] = lead, trail, it.Width-lead-trail
		b.gap[i], b.kind[i], b.level[i] = 0, akiNone, never
		if i > 0 {
			b.between(i)
		}
	}
}

func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/2)
	}
	return s[:n]
}

// trims returns the empty parts of full-width punctuation. A proportional
// face has none.
func (b *Breaker) trims(it *Item) (lead, trail float64) {
	if b.opts.Grid || it.Class == Ideo || it.Width < 0.9*it.Em {
		return 0, 0
	}
	switch it.Class {
	case Open:
		return it.Em / 2, 0
	case Close, Comma, Stop:
		return 0, it.Em / 2
	case Middle:
		return it.Em / 4, it.Em / 4
	}
	return 0, 0
}

func (b *Breaker) between(i int) {
	before, it := &b.items[i-1], &b.items[i]
	p := &pairs[before.Class][it.Class]
	b.level[i] = p.level
	switch {
	case it.Soft && p.level == emergency && !it.Join:
		b.level[i] = allowed
	case it.Join && p.level == allowed:
		b.level[i] = emergency
	case it.Class == Insep && before.Class == Insep && it.Text != before.Text:
		b.level[i] = allowed // a dash and dots
	case it.Rune == '-', it.Rune == '/', before.Rune == '\u00a0':
		b.level[i] = never // UAX #14, LB12, LB13, LB21
	case i > 1 && before.Class == Space && b.items[i-2].Class.atEnd():
		b.level[i] = never // LB14: an opening bracket and its space
	}
	if b.opts.Grid || it.Solid {
		return
	}
	b.kind[i] = p.aki
	switch p.aki {
	case akiTrail, akiStop, akiMidOut:
		b.gap[i] = b.trail[i-1]
	case akiLead, akiMidIn:
		b.gap[i] = b.lead[i]
	case akiOne:
		b.gap[i] = max(b.trail[i-1], b.lead[i])
	case akiLatin:
		b.gap[i] = it.Em / 4
	}
}

// give is how much the gap before item i can shrink at most (JLREQ 3.8.3):
// middle dots wholly, brackets and commas to a quarter em, Japanese beside
// Latin to an eighth.
func (b *Breaker) give(i int) float64 {
	switch b.kind[i] {
	case akiMidIn, akiMidOut:
		return b.gap[i]
	case akiTrail, akiLead, akiOne, akiLatin:
		return b.gap[i] / 2
	case akiOfSpace:
		return b.body[i] / 4
	}
	return 0
}

// tiny forgives the rounding of sums.
const tiny = 1e-9

// scan is the state of looking for one line's end.
type scan struct {
	room    float64
	width   float64 // through the last visible item, without its empty half
	slack   float64 // by which width can shrink
	pending float64 // spaces behind the last visible item
	last    int     // that item, -1 = none

	fits, squeezed  int // line ends, 0 = none
	broken, refused int // ends inside a word, ends that a rule forbids
	left            float64
}

// lineEnd chooses where the line that begins at start ends: the last break
// that fits by itself; or, when that leaves the line short, the next one if
// shrinking lets it in (JLREQ 3.8.2: shrink before stretching); else inside a
// word or a number; at worst against a rule.
func (b *Breaker) lineEnd(start int) int {
	s := scan{room: b.measure - b.indent(start), last: -1}
	for i := start; i < len(b.items); i++ {
		b.step(&s, i)
		if s.width-s.slack > s.room+tiny && i > start {
			break
		}
		b.judge(&s, i+1)
		if b.items[i].Class == Newline {
			break
		}
	}
	switch {
	case s.squeezed > s.fits && (s.fits == 0 || s.left > tiny):
		return s.squeezed
	case s.fits > 0:
		return s.fits
	case s.broken > 0:
		return s.broken
	case s.refused > 0:
		return s.refused
	}
	return start + 1
}

// step takes one item into the line. Spaces count only once something
// visible follows them.
func (b *Breaker) step(s *scan, i int) {
	switch b.items[i].Class {
	case Space, Blank, Newline:
		s.pending += b.body[i]
		return
	}
	if s.last >= 0 {
		for j := s.last + 1; j <= i; j++ {
			s.width += b.gap[j]
			s.slack += b.give(j)
		}
	}
	s.width += s.pending + b.body[i]
	s.pending, s.last = 0, i
}

// judge notes what a line end before item end would be. Punctuation at the
// end is always set without its empty half (JLREQ 3.1.9 leaves that open): one
// rule for all lines keeps the right edge even.
func (b *Breaker) judge(s *scan, end int) {
	level := allowed
	if end < len(b.items) && b.items[end-1].Class != Newline {
		level = b.level[end]
	}
	switch {
	case level == emergency && s.width <= s.room+tiny:
		s.broken = end
	case level == never && s.width <= s.room+tiny:
		s.refused = end
	case level != allowed:
	case s.width <= s.room+tiny:
		s.fits, s.left = end, s.room-s.width
	case b.opts.Justify && s.squeezed == 0 && s.width-s.slack <= s.room+tiny:
		s.squeezed = end
	}
}

// mendWidows gives a paragraph's last line company when it holds one visible
// character alone: the line before ends one break earlier.
func (b *Breaker) mendWidows() {
	for k := len(b.lines) - 1; k > 0; k-- {
		line, before := &b.lines[k], &b.lines[k-1]
		final := line.End == len(b.items) || b.items[line.End-1].Class == Newline
		if !final || b.items[before.End-1].Class == Newline || b.company(line.First, line.End) > 1 {
			continue
		}
		for i := line.First - 1; i > before.First && line.First-i < widowReach; i-- {
			if b.level[i] == allowed && b.company(i, line.End) > 1 && b.fitsFrom(i, line.End) {
				before.End, line.First = i, i
				break
			}
		}
	}
}

// widowReach is how many items a line may give to a lonely last one.
const widowReach = 12

func (b *Breaker) company(from, to int) int {
	n := 0
	for i := from; i < to; i++ {
		if b.items[i].visible() {
			n++
		}
	}
	return n
}

func (b *Breaker) fitsFrom(from, to int) bool {
	width := 0.0
	for i := from; i < to; i++ {
		width += b.body[i] + b.gap[i]
	}
	return width <= b.measure+tiny
}
