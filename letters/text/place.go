package text

// place works out where each glyph of a line is drawn.
func (b *Breaker) place(l *Line) {
	first, end := l.First, l.End
	for end > first && blank(b.items[end-1].Class) {
		end--
	}
	f := b.adjust(l, first, end)
	x := l.Indent
	for i := first; i < l.End; i++ {
		if i > first && i < end {
			x += f.gap(b, i)
		}
		b.x[i] = x - b.lead[i]
		if i < end {
			x += f.body(b, i, i == first)
		}
	}
	l.Width = x
}

func blank(c Class) bool { return c == Space || c == Blank || c == Newline }

// fitting is how much of each adjustment a line uses, from 0 to 1; the two
// last are lengths.
type fitting struct {
	shrink     [akis]float64 // share of give, by kind of gap
	spaces     float64       // word spaces towards half an em
	latin      float64       // Japanese-Latin gaps towards a third of an em
	others     float64       // other gaps towards a quarter em
	evenly     float64       // what is left, the same for every gap
	justifying bool
}

func (f *fitting) gap(b *Breaker, i int) float64 {
	kind := b.kind[i]
	g := b.gap[i]
	if kind != akiOfSpace {
		g -= f.shrink[kind] * b.give(i)
	}
	if !f.justifying || !b.stretchable(i) {
		return g
	}
	em := b.items[i].Em
	if kind == akiLatin {
		g += f.latin * latinRoom(em)
	} else {
		g += f.others * em / 4
	}
	return g + f.evenly
}

// body is the width of an item; a space that opens the line keeps its own.
func (f *fitting) body(b *Breaker, i int, opens bool) float64 {
	w := b.body[i]
	if b.items[i].Class != Space || opens {
		return w
	}
	return w - f.shrink[akiOfSpace]*w/4 + f.spaces*b.spaceRoom(i)
}

// latinRoom is by how much a quarter em between Japanese and Latin may grow:
// to a third. JLREQ 3.8.4 allows a half too, which tears words apart.
func latinRoom(em float64) float64 { return em/3 - em/4 }

func (b *Breaker) spaceRoom(i int) float64 { return max(0, b.items[i].Em/2-b.body[i]) }

func (b *Breaker) stretchable(i int) bool {
	return pairs[b.items[i-1].Class][b.items[i].Class].stretch
}

// adjust compares the line with the measure and shrinks or stretches it in
// JLREQ's order (3.8.3, 3.8.4).
func (b *Breaker) adjust(l *Line, first, end int) fitting {
	var f fitting
	if first >= end {
		return f
	}
	width := l.Indent
	for i := first; i < end; i++ {
		if i > first {
			width += b.gap[i]
		}
		width += b.body[i]
	}
	over := width - b.measure
	switch {
	case over > tiny && b.opts.Justify:
		b.shrink(&f, first, end, over)
	case over < -tiny && b.opts.Justify && !b.final(l):
		b.stretch(&f, first, end, -over)
	}
	return f
}

// final says that the line ends its paragraph, or was ended by hand.
func (b *Breaker) final(l *Line) bool {
	return l.End == len(b.items) || b.items[l.End-1].Class == Newline
}

// shrink uses up, in this order: word spaces; middle dots; brackets and
// commas; the quarter between Japanese and Latin. The empty half at the line's
// end, which comes second in JLREQ, is never set.
func (b *Breaker) shrink(f *fitting, first, end int, over float64) {
	over = b.shrinkKinds(f, first, end, over, akiOfSpace)
	over = b.shrinkKinds(f, first, end, over, akiMidIn, akiMidOut)
	over = b.shrinkKinds(f, first, end, over, akiTrail, akiLead, akiOne)
	b.shrinkKinds(f, first, end, over, akiLatin)
}

func (b *Breaker) shrinkKinds(f *fitting, first, end int, over float64, kinds ...aki) float64 {
	if over <= tiny {
		return over
	}
	total := 0.0
	for i := first + 1; i < end; i++ {
		for _, k := range kinds {
			if b.kind[i] == k {
				total += b.give(i)
			}
		}
	}
	if total <= 0 {
		return over
	}
	share := min(1, over/total)
	for _, k := range kinds {
		f.shrink[k] = share
	}
	return over - share*total
}

// stretch uses, in this order: word spaces to half an em; Japanese-Latin gaps
// to a third of an em; a quarter em between all others; then evenly. A line so
// loose that gaps would pass half an em is left ragged: holes read worse than
// an uneven edge.
func (b *Breaker) stretch(f *fitting, first, end int, short float64) {
	var spaces, latin, others, em float64
	count := 0
	for i := first; i < end; i++ {
		it := &b.items[i]
		em = it.Em
		if it.Class == Space && i > first {
			spaces += b.spaceRoom(i)
		}
		if i == first || !b.stretchable(i) {
			continue
		}
		count++
		if b.kind[i] == akiLatin {
			latin += latinRoom(it.Em)
		} else {
			others += it.Em / 4
		}
	}
	if short > spaces+latin+others+float64(count)*em/4 {
		return
	}
	f.justifying = true
	take := func(have float64) float64 {
		if have <= 0 || short <= tiny {
			return 0
		}
		share := min(1, short/have)
		short -= share * have
		return share
	}
	f.spaces, f.latin, f.others = take(spaces), take(latin), take(others)
	if count > 0 && short > tiny {
		f.evenly = short / float64(count)
	}
}
