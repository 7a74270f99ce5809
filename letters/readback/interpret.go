package readback

import (
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// state is the part of the graphics state that matters here (8.4, 9.3).
type state struct {
	ctm      matrix
	color    string
	font     *Font
	fontName string
	size     float64
	charGap  float64 // Tc
	scale    float64 // Tz / 100
	leading  float64
	rise     float64
	mode     int
}

func initialState() state { return state{ctm: identity(), scale: 1} }

// mark is an open marked-content sequence.
type mark struct {
	tag    string
	mcid   int
	actual string
}

// figure is the path under construction.
type figure struct {
	rects []Box
	other bool // something besides upright rectangles
	bounds
	x, y float64
}

// reader runs content streams.
type reader struct {
	doc       *Document
	page      *Page
	found     map[Finding]bool
	resources types.Dict
	state     state
	stack     []state
	marks     []mark
	path      figure
	inText    bool
	tm, line  matrix
	depth     int

	content []byte // of the stream that runs
	from    int    // where the operands of the present operator begin
	to      int
}

const (
	maxStack = 512
	maxForms = 8
)

// run reads one content stream to its end. Whatever it opens it must close.
func (r *reader) run(content []byte, resources types.Dict) error {
	outerContent, outerResources := r.content, r.resources
	r.content, r.resources = content, resources
	stack, marks := len(r.stack), len(r.marks)
	if err := r.operators(content); err != nil {
		return err
	}
	if len(r.stack) != stack || len(r.marks) != marks || r.inText {
		return malformed("content stream ends inside q, BT or BDC")
	}
	r.content, r.resources = outerContent, outerResources
	return nil
}

func (r *reader) operators(content []byte) error {
	l := &lexer{data: content}
	var operands []token
	l.skip()
	from := l.at
	for {
		t, err := l.next()
		if err != nil {
			return err
		}
		switch t.kind {
		case endOfInput:
			if len(operands) > 0 {
				return malformed("content stream ends behind operands")
			}
			return nil
		case word:
			if len(t.raw) == 4 && string(t.raw) == "true" || len(t.raw) == 5 && string(t.raw) == "false" || string(t.raw) == "null" {
				operands = append(operands, t)
				continue
			}
			r.from, r.to = from, l.at
			if err := r.operator(string(t.raw), operands); err != nil {
				return err
			}
			operands = operands[:0]
			l.skip()
			from = l.at
		default:
			if operands = append(operands, t); len(operands) > 64 {
				return malformed("too many operands")
			}
		}
	}
}

// operation is how an operator is read: the kinds of its operands (n number,
// t text, N name, a array, d dictionary or name, * anything) and its effect.
type operation struct {
	operands string
	run      func(*reader, []token) error
}

func (r *reader) operator(name string, operands []token) error {
	op, known := r.doc.operations[name]
	if !known {
		return notUnderstood("operator %q", printable(name))
	}
	if !fits(op.operands, operands) {
		return malformed("operands of %q", name)
	}
	if op.run == nil {
		return nil
	}
	return op.run(r, operands)
}

var operandKinds = map[rune]kind{'n': number, 't': text, 'N': name, 'a': list}

func fits(signature string, operands []token) bool {
	if signature == "*" {
		return true
	}
	if len(operands) != len(signature) {
		return false
	}
	for i, k := range signature {
		if k == 'd' {
			if operands[i].kind != dictionary && operands[i].kind != name {
				return false
			}
		} else if operands[i].kind != operandKinds[k] {
			return false
		}
	}
	return true
}

// printable keeps an unknown operator in an error short and without text of
// the file: a broken string would otherwise show a name.
func printable(name string) string {
	if len(name) > 3 {
		return "?"
	}
	for i := range len(name) {
		if c := name[i]; c < '!' || c > '~' {
			return "?"
		}
	}
	return name
}
