package pdf

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"oshirase/letters/text"
)

// layoutFaults holds a laid-out letter against the rules that a reader sees:
// what may open and close a line, even right edges, no lonely character, no
// heading, sentence or row parted from what it belongs to.
func layoutFaults(s *sheet) (out []string) {
	fault := func(n int, what, words string) {
		out = append(out, fmt.Sprintf("page %d: %s: %s", n+1, what, words))
	}
	for n := range s.used {
		lines := bodyLines(&s.pages[n])
		for i, l := range lines {
			words := strings.TrimSpace(textOf(l.line))
			if words == "" {
				continue
			}
			runes := []rune(words)
			if opensBadly(runes[0]) {
				fault(n, "opens with what never opens a line", words)
			}
			if closesBadly(runes[len(runes)-1]) {
				fault(n, "closes with what never closes a line", words)
			}
			kind := s.elements[l.elem].kind
			ends := i+1 == len(lines) || lines[i+1].elem != l.elem
			if kind == "P" && l.elem > 0 && !ends && l.width > measure/2 && abs(l.x+l.width-rightEdge) > 2 && i > 0 {
				fault(n, "an uneven right edge", words)
			}
			if i > 0 && lines[i-1].elem == l.elem && ends && visibleOf(words) == 1 {
				fault(n, "one character alone", words)
			}
		}
		if len(lines) > 0 && n+1 < s.used {
			last := lines[len(lines)-1]
			if kind := s.elements[last.elem].kind; strings.HasPrefix(kind, "H") {
				fault(n, "ends with a heading", textOf(last.line))
			}
			if strings.HasSuffix(strings.TrimSpace(textOf(last.line)), "次の表のとおりです。") {
				fault(n, "ends with the sentence before a table", textOf(last.line))
			}
		}
	}
	return append(out, partedRows(s)...)
}

// bodyLines are the lines of a page that are read, without the address block
// and the lines that stand right of it.
func bodyLines(p *page) (out []placed) {
	for _, t := range p.texts {
		if !t.window && t.elem != artifact && t.x == leftEdge || t.elem != artifact && !t.window && t.y > mm(80) {
			out = append(out, t)
		}
	}
	return out
}

func opensBadly(r rune) bool {
	return strings.ContainsRune("、。，．・：；！？）」』】〕ーァィゥェォッャュョぁぃぅぇぉっゃゅょ々％", r) && r != '・' // a marker
}

func closesBadly(r rune) bool { return strings.ContainsRune("（「『【〔￥〒", r) }

func visibleOf(s string) int {
	n := 0
	for _, r := range s {
		if !unicode.IsPunct(r) && !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

func abs(u unit) unit { return max(u, -u) }

// partedRows finds table rows whose cells stand on two pages, and headings of
// tables without a row below them.
func partedRows(s *sheet) (out []string) {
	at := map[int]int{} // row -> page
	for n := range s.used {
		for _, t := range s.pages[n].texts {
			if t.elem == artifact {
				continue
			}
			row := s.elements[t.elem].parent
			if row < 0 || s.elements[row].kind != "TR" {
				continue
			}
			if first, seen := at[row]; seen && first != n {
				out = append(out, fmt.Sprintf("page %d: a row is parted", n+1))
			}
			at[row] = n
		}
	}
	last := -1
	for row := range s.elements {
		if s.elements[row].kind != "TR" {
			continue
		}
		if table := s.elements[row].parent; table != last {
			last = table
			if next := nextRow(s, row); next > 0 && at[next] != at[row] {
				out = append(out, fmt.Sprintf("page %d: a table's heading without a row", at[row]+1))
			}
		}
	}
	return out
}

func nextRow(s *sheet, row int) int {
	for i := row + 1; i < len(s.elements); i++ {
		if s.elements[i].kind == "TR" && s.elements[i].parent == s.elements[row].parent {
			return i
		}
	}
	return 0
}

// TestVariantsKeepTheRules holds every variant, and letters of one to forty
// contracts, against the rules.
func TestVariantsKeepTheRules(t *testing.T) {
	t.Parallel()
	r := shippedShared(t).NewRenderer()
	inputs := map[string]Input{}
	for _, name := range variantNames() {
		inputs[name] = variantInput(t, name)
	}
	for n := 1; n <= 40; n++ {
		l := variantLetter(nil)
		l.Cases = casesOf(n)
		doc, err := shippedComposer(t).Compose(l)
		if err != nil {
			t.Fatal(err)
		}
		inputs[fmt.Sprintf("%d contracts", n)] = Input{Doc: doc, LetterID: string(l.ID), Generation: 1, Channel: l.Channel, Date: l.Date}
	}
	for name, in := range inputs {
		if err := r.layout(&in); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, f := range layoutFaults(&r.flow.sheet) {
			t.Errorf("%s: %s", name, f)
		}
	}
}

// TestLayoutFaultsAreFound plants each fault in a good letter.
func TestLayoutFaultsAreFound(t *testing.T) {
	t.Parallel()
	r := shippedShared(t).NewRenderer()
	in := variantInput(t, "nine")
	long := plain("お客さまの情報が閲覧されていたことが判明しましたので、お知らせいたします。お客さまの情報が閲覧されていたことが判明しましたので、お知らせいたします。")
	for want, plant := range map[string]func(*flow){
		"opens with what never opens a line":    func(f *flow) { f.page.texts[last(f)].line = f.word("、次", bodySize, false) },
		"closes with what never closes a line":  func(f *flow) { f.page.texts[last(f)].line = f.word("次（", bodySize, false) },
		"ends with a heading":                   func(f *flow) { f.page.texts[last(f)].elem = f.sheet.element("H2", 0) },
		"ends with the sentence before a table": func(f *flow) { f.page.texts[last(f)].line = f.word("次の表のとおりです。", bodySize, false) },
		"an uneven right edge": func(f *flow) {
			lines := f.set(long, style{size: bodySize, measure: measure - 3_000, justify: true})
			f.lines(lines, leftEdge, measure, 1_000, text.Left, f.sheet.element("P", 0))
		},
		"one character alone": func(f *flow) {
			elem := f.sheet.element("P", 0)
			f.put(f.word("お客さまの情報が閲覧されて", bodySize, false), leftEdge, 0, elem)
			f.put(f.word("す。", bodySize, false), leftEdge, 0, elem)
		},
		"a row is parted": func(f *flow) {
			p := &f.sheet.pages[1]
			for i := range p.texts {
				if e := p.texts[i].elem; e != artifact && f.sheet.elements[e].kind == "TD" {
					p.texts[i].elem = firstCell(f)
					return
				}
			}
		},
	} {
		if err := r.layout(&in); err != nil {
			t.Fatal(err)
		}
		r.flow.page = &r.flow.sheet.pages[0]
		r.flow.y = mm(200)
		plant(&r.flow)
		if got := strings.Join(layoutFaults(&r.flow.sheet), "\n"); !strings.Contains(got, want) {
			t.Errorf("%s is not found; faults: %q", want, got)
		}
	}
}

// last is the last line of a page that is read.
func last(f *flow) int {
	i := len(f.page.texts) - 1
	for f.page.texts[i].elem == artifact {
		i--
	}
	return i
}

// firstCell is the first cell of the first page's table.
func firstCell(f *flow) int {
	for _, t := range f.sheet.pages[0].texts {
		if t.elem != artifact && f.sheet.elements[t.elem].kind == "TD" {
			return t.elem
		}
	}
	return 0
}
