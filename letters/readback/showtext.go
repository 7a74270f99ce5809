package readback

import (
	"math"
	"strings"
)

func beginText(r *reader, _ []token) error {
	if r.inText {
		return malformed("BT inside BT")
	}
	r.inText = true
	r.tm, r.line = identity(), identity()
	return nil
}

func endText(r *reader, _ []token) error {
	if !r.inText {
		return malformed("ET without BT")
	}
	r.inText = false
	return nil
}

func setFont(r *reader, o []token) error {
	name := string(o[0].raw)
	if r.state.font == nil || r.state.fontName != name || r.depth > 0 {
		font, err := r.doc.font(r.resources, name)
		if err != nil {
			return err
		}
		r.state.font, r.state.fontName = font, name
	}
	r.state.size = o[1].num
	return nil
}

func move(r *reader, o []token) error {
	r.line = matrix{1, 0, 0, 1, o[0].num, o[1].num}.times(r.line)
	r.tm = r.line
	return nil
}

func moveLeading(r *reader, o []token) error {
	r.state.leading = -o[1].num
	return move(r, o)
}

func setMatrix(r *reader, o []token) error {
	r.line = matrixOf(o)
	r.tm = r.line
	return nil
}

func nextLine(r *reader, _ []token) error {
	return move(r, []token{{num: 0}, {num: -r.state.leading}})
}

func nextShow(r *reader, o []token) error {
	if err := nextLine(r, nil); err != nil {
		return err
	}
	return show(r, o)
}

func spacedShow(r *reader, o []token) error {
	r.state.charGap = o[1].num
	return nextShow(r, o[2:])
}

func show(r *reader, o []token) error { return r.span(o) }

func showArray(r *reader, o []token) error { return r.span(o[0].list) }

// span shows strings and moves by the numbers between them (9.4.3).
func (r *reader) span(items []token) error {
	s := &r.state
	if !r.inText || s.font == nil {
		return malformed("text without BT or without a font")
	}
	out := r.newSpan()
	var b strings.Builder
	moved := 0.0
	for _, item := range items {
		switch item.kind {
		case number:
			moved -= item.num / 1000 * s.size * s.scale
		case text:
			advance, err := r.codes(item.raw, &out, &b)
			if err != nil {
				return err
			}
			moved += advance
		default:
			return malformed("operands of TJ")
		}
	}
	out.Text = b.String()
	whole := r.tm.times(s.ctm)
	out.Width = moved * math.Hypot(whole[0], whole[1])
	r.tm = matrix{1, 0, 0, 1, moved, 0}.times(r.tm)
	if len(out.Codes) > 0 {
		r.page.Spans = append(r.page.Spans, out)
	}
	return nil
}

// newSpan starts a span where the text matrix stands.
func (r *reader) newSpan() Span {
	s := &r.state
	whole := r.tm.times(s.ctm)
	out := Span{Font: s.fontName, Size: s.size * math.Hypot(whole[2], whole[3]), MCID: -1}
	out.X, out.Y = whole.apply(0, s.rise)
	out.Upright = whole.upright() && s.size > 0 && s.scale > 0
	out.Hidden = s.mode == 3 || s.mode == 7
	if len(r.marks) > 0 {
		m := r.marks[len(r.marks)-1]
		out.Tag, out.MCID, out.Actual = m.tag, m.mcid, m.actual
	}
	return out
}

// codes takes a string of two-byte codes and returns how far they advance.
func (r *reader) codes(raw []byte, out *Span, b *strings.Builder) (float64, error) {
	if len(raw)%2 != 0 {
		return 0, malformed("string of %d bytes in a two-byte font", len(raw))
	}
	s := &r.state
	advance := 0.0
	for i := 0; i < len(raw); i += 2 {
		code := uint16(raw[i])<<8 | uint16(raw[i+1])
		out.Codes = append(out.Codes, code)
		said, ok := s.font.Text(code)
		if !ok {
			said = "\uFFFD"
			r.unmapped(code)
		}
		b.WriteString(said)
		r.checkGlyph(code)
		advance += (s.font.Width(code)/1000*s.size + s.charGap) * s.scale
	}
	return advance, nil
}

func (r *reader) unmapped(code uint16) {
	if !r.state.font.HasToUnicode {
		r.found[Finding{Kind: NoToUnicode, Font: r.state.fontName}] = true
		return
	}
	r.found[Finding{Kind: CodeUnmapped, Font: r.state.fontName, Code: code}] = true
}

// checkGlyph looks whether the code shows a glyph that is there.
func (r *reader) checkGlyph(code uint16) {
	glyph := r.state.font.Glyph(code)
	if glyph == 0 {
		r.found[Finding{Kind: MissingGlyph, Font: r.state.fontName, Code: code}] = true
		return
	}
	face, err := r.state.font.TrueType()
	if err != nil || int(glyph) >= face.Glyphs() {
		r.found[Finding{Kind: GlyphOutside, Font: r.state.fontName, Code: code}] = true
	}
}
