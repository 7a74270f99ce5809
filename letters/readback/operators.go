package readback

import (
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// newOperations lists all operators of ISO 32000-1, annex A, that the package
// reads. Inline images, shadings and Type 3 glyphs are not among them.
func newOperations() map[string]operation {
	return map[string]operation{
		"q": {"", save}, "Q": {"", restore}, "cm": {"nnnnnn", concat},
		"w": {"n", nil}, "J": {"n", nil}, "j": {"n", nil}, "M": {"n", nil},
		"d": {"an", nil}, "ri": {"N", nil}, "i": {"n", nil}, "gs": {"N", graphics},

		"m": {"nn", moveTo}, "l": {"nn", lineTo}, "c": {"nnnnnn", curveTo},
		"v": {"nnnn", curveTo}, "y": {"nnnn", curveTo}, "h": {"", nil}, "re": {"nnnn", rectangle},
		"S": {"", paint(false, true)}, "s": {"", paint(false, true)},
		"f": {"", paint(true, false)}, "F": {"", paint(true, false)}, "f*": {"", paint(true, false)},
		"B": {"", paint(true, true)}, "B*": {"", paint(true, true)},
		"b": {"", paint(true, true)}, "b*": {"", paint(true, true)}, "n": {"", paint(false, false)},
		"W": {"", clip}, "W*": {"", clip},

		"CS": {"N", nil}, "SC": {"*", nil}, "SCN": {"*", nil}, "G": {"n", nil}, "RG": {"nnn", nil}, "K": {"nnnn", nil},
		"cs": {"N", fill}, "sc": {"*", fill}, "scn": {"*", fill}, "g": {"n", fill}, "rg": {"nnn", fill}, "k": {"nnnn", fill},

		"BT": {"", beginText}, "ET": {"", endText},
		"Tc": {"n", set(func(s *state, v float64) { s.charGap = v })},
		"Tw": {"n", nil}, // word spacing works on one-byte codes only (9.3.3)
		"Tz": {"n", set(func(s *state, v float64) { s.scale = v / 100 })},
		"TL": {"n", set(func(s *state, v float64) { s.leading = v })},
		"Tr": {"n", set(func(s *state, v float64) { s.mode = int(v) })},
		"Ts": {"n", set(func(s *state, v float64) { s.rise = v })},
		"Tf": {"Nn", setFont}, "Td": {"nn", move}, "TD": {"nn", moveLeading}, "Tm": {"nnnnnn", setMatrix},
		"T*": {"", nextLine}, "Tj": {"t", show}, "TJ": {"a", showArray},
		"'": {"t", nextShow}, "\"": {"nnt", spacedShow},

		"BMC": {"N", beginMark}, "BDC": {"Nd", beginMark}, "EMC": {"", endMark},
		"MP": {"N", nil}, "DP": {"Nd", nil}, "BX": {"", nil}, "EX": {"", nil},
		"Do": {"N", external},
	}
}

func save(r *reader, _ []token) error {
	if len(r.stack) >= maxStack {
		return malformed("too many q")
	}
	r.stack = append(r.stack, r.state)
	return nil
}

func restore(r *reader, _ []token) error {
	if len(r.stack) == 0 {
		return malformed("Q without q")
	}
	r.state = r.stack[len(r.stack)-1]
	r.stack = r.stack[:len(r.stack)-1]
	return nil
}

func matrixOf(o []token) matrix {
	return matrix{o[0].num, o[1].num, o[2].num, o[3].num, o[4].num, o[5].num}
}

func concat(r *reader, o []token) error {
	r.state.ctm = matrixOf(o).times(r.state.ctm)
	return nil
}

// graphics refuses graphics states that change the font; what else they set
// moves nothing.
func graphics(r *reader, o []token) error {
	dict := r.doc.getDict(r.doc.getDict(r.resources, "ExtGState"), string(o[0].raw))
	if dict == nil {
		return malformed("graphics state is not in the resources")
	}
	if r.doc.get(dict, "Font") != nil {
		return notUnderstood("graphics state with a font")
	}
	return nil
}

func moveTo(r *reader, o []token) error {
	r.path.x, r.path.y = o[0].num, o[1].num
	return nil
}

func lineTo(r *reader, o []token) error {
	r.path.add(r.state.ctm.apply(r.path.x, r.path.y))
	r.path.x, r.path.y = o[0].num, o[1].num
	r.path.add(r.state.ctm.apply(r.path.x, r.path.y))
	r.path.other = true
	return nil
}

// curveTo bounds a curve by its control points.
func curveTo(r *reader, o []token) error {
	for i := 0; i+1 < len(o); i += 2 {
		if err := lineTo(r, o[i:i+2]); err != nil {
			return err
		}
	}
	return nil
}

func rectangle(r *reader, o []token) error {
	box := boxOf(r.state.ctm, o[0].num, o[1].num, o[2].num, o[3].num)
	r.path.rects = append(r.path.rects, box)
	r.path.other = r.path.other || !r.state.ctm.straight()
	r.path.add(box.X, box.Y)
	r.path.add(box.X+box.W, box.Y+box.H)
	return nil
}

// paint ends a path. Filled rectangles are reported one by one, anything else
// by its bounding box.
func paint(filled, stroked bool) func(*reader, []token) error {
	return func(r *reader, _ []token) error {
		p := r.path
		r.path = figure{}
		switch {
		case !filled && !stroked || !p.some:
		case stroked || p.other:
			r.page.Shapes = append(r.page.Shapes, Shape{p.box(), filled, stroked})
		default:
			for _, box := range p.rects {
				r.page.Rects = append(r.page.Rects, Rect{box, r.state.color})
			}
		}
		return nil
	}
}

func clip(r *reader, _ []token) error {
	r.found[Finding{Kind: Clipped}] = true
	return nil
}

func fill(r *reader, _ []token) error {
	r.state.color = colorOf(r.content, r.from, r.to)
	return nil
}

func set(change func(*state, float64)) func(*reader, []token) error {
	return func(r *reader, o []token) error {
		change(&r.state, o[0].num)
		return nil
	}
}

func beginMark(r *reader, o []token) error {
	if len(r.marks) >= maxStack {
		return malformed("too many BDC")
	}
	m := mark{tag: string(o[0].raw), mcid: -1}
	if len(o) == 2 && o[1].kind == dictionary {
		m.properties(o[1].list)
	}
	r.marks = append(r.marks, m)
	return nil
}

// properties reads an inline property list: names and values in turn.
func (m *mark) properties(items []token) {
	for i := 0; i+1 < len(items); i += 2 {
		switch value := items[i+1]; {
		case items[i].kind != name:
		case string(items[i].raw) == "MCID" && value.kind == number:
			m.mcid = int(value.num)
		case string(items[i].raw) == "ActualText" && value.kind == text:
			m.actual = textString(value.raw)
		}
	}
}

func endMark(r *reader, _ []token) error {
	if len(r.marks) == 0 {
		return malformed("EMC without BDC")
	}
	r.marks = r.marks[:len(r.marks)-1]
	return nil
}

// external draws an image, which is reported, or a form, which is read.
func external(r *reader, o []token) error {
	x, ok := r.doc.getDict(r.resources, "XObject").Find(string(o[0].raw))
	form, isStream := r.doc.resolve(x).(types.StreamDict)
	if !ok || !isStream {
		return malformed("external object is not in the resources")
	}
	switch r.doc.getName(form.Dict, "Subtype") {
	case "Image":
		r.page.Images = append(r.page.Images, boxOf(r.state.ctm, 0, 0, 1, 1))
		return nil
	case "Form":
		return r.form(form)
	}
	return notUnderstood("external object")
}

func (r *reader) form(form types.StreamDict) error {
	if r.depth++; r.depth > maxForms {
		return malformed("forms nested too deep")
	}
	defer func() { r.depth-- }()
	content, err := r.doc.stream(form)
	if err != nil {
		return err
	}
	outer := r.state
	if m, ok := r.doc.numbers(r.doc.get(form.Dict, "Matrix"), 6); ok {
		r.state.ctm = matrix(m).times(r.state.ctm)
	}
	resources := r.doc.getDict(form.Dict, "Resources")
	if resources == nil {
		resources = r.resources
	}
	err = r.run(content, resources)
	r.state = outer
	return err
}
