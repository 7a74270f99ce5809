package text

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

// inlines reads the children of a node as runs: plain text, bold text, and
// each mark in a run of its own.
func (r *reader) inlines(parent ast.Node) ([]Inline, error) {
	w := &inlineWriter{reader: r}
	if err := w.children(parent, false); err != nil {
		return nil, err
	}
	w.flush()
	return w.out, nil
}

// inlineWriter joins text across nodes and lines.
type inlineWriter struct {
	reader *reader
	out    []Inline
	buf    strings.Builder
	bold   bool
	soft   bool // a line of the source ended here
}

func (w *inlineWriter) children(parent ast.Node, bold bool) error {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			w.text(string(n.Segment.Value(w.reader.source)), bold)
			w.soft = w.soft || n.SoftLineBreak()
			if n.HardLineBreak() {
				w.text("\n", bold)
			}
		case *ast.String:
			w.text(string(n.Value), bold)
		case *ast.Emphasis:
			if err := w.children(n, true); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%s is not allowed in wording", n.Kind())
		}
	}
	return nil
}

// text adds a stretch of source. A line break of the source is nothing
// between Japanese and a space between Latin words.
func (w *inlineWriter) text(raw string, bold bool) {
	s := string(util.ResolveNumericReferences(util.UnescapePunctuations([]byte(raw))))
	if s == "" {
		return
	}
	if bold != w.bold {
		w.flush()
		w.bold = bold
	}
	if w.soft {
		w.soft = false
		last, _ := utf8.DecodeLastRuneInString(w.buf.String())
		first, _ := utf8.DecodeRuneInString(s)
		if last < 0x300 && first < 0x300 && w.buf.Len() > 0 && s != "\n" {
			w.buf.WriteByte(' ')
		}
	}
	for _, c := range s {
		if !w.reader.isMark(c) {
			w.buf.WriteRune(c)
			continue
		}
		w.flush()
		w.out = append(w.out, Inline{Text: string(c), Bold: bold})
	}
}

func (w *inlineWriter) flush() {
	if w.buf.Len() > 0 {
		w.out = append(w.out, Inline{Text: w.buf.String(), Bold: w.bold})
		w.buf.Reset()
	}
}

func (r *reader) isMark(c rune) bool {
	_, _, ok := r.out.wording.Mark(c)
	return ok
}

// mark tells whether a run is one mark, and which.
func (r *reader) mark(s string) (key string, block, ok bool) {
	c, size := utf8.DecodeRuneInString(s)
	if size != len(s) {
		return "", false, false
	}
	return r.out.wording.Mark(c)
}

func plainInlines(text []Inline) string {
	if len(text) == 1 {
		return text[0].Text
	}
	var b strings.Builder
	for _, in := range text {
		b.WriteString(in.Text)
	}
	return b.String()
}
