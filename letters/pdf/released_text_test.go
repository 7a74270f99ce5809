package pdf

import (
	"fmt"
	"strings"
	"testing"
)

// lost lists the characters of a letter that come back less often than they
// were put in.
func lost(got string, in *Input) []string {
	have := count(got)
	var out []string
	for c, n := range count(flat(strings.Join(documentTexts(&in.Doc), ""))) {
		if c != '\n' && have[c] < n {
			out = append(out, fmt.Sprintf("U+%04X %d of %d times", c, have[c], n))
		}
	}
	for _, name := range in.Doc.Address.Name {
		if !strings.Contains(got, flat(name)) {
			out = append(out, "the name as a whole")
		}
	}
	return out
}

// checkReleased holds n released letters: each file clean for qpdf, and every
// character given back by pdftotext.
func checkReleased(t *testing.T, n int) {
	s := newShop(t)
	r := s.shared.NewRenderer()
	clean, whole := 0, 0
	for i, l := range s.released(t, n) {
		if i%6 == 5 {
			l.Channel = "email"
		}
		in := s.input(t, &l)
		_, path := single(t, r, in)
		if out := run(t, "qpdf", "--check", path); strings.Contains(out, "No syntax or stream encoding errors") {
			clean++
		} else {
			t.Errorf("letter %s: qpdf says %s", l.ID, out)
		}
		if missing := lost(flatText(t, path), &in); len(missing) == 0 {
			whole++
		} else {
			t.Errorf("letter %s lost %q", l.ID, missing)
		}
	}
	t.Logf("%d of %d clean, %d of %d give every character back", clean, n, whole, n)
}

func TestReleasedLettersComeBack(t *testing.T) {
	t.Parallel()
	checkReleased(t, 45) // the list's hard names, and some of the hardest
}

// TestLostIsNoticed plants a lost character and a name in pieces.
func TestLostIsNoticed(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	l := s.released(t, 1)[0]
	l.Recipient.Name = "𠮷田 葛\U000E0100"
	in := s.input(t, &l)
	_, path := single(t, s.shared.NewRenderer(), in)
	got := flatText(t, path)
	if missing := lost(got, &in); len(missing) > 0 {
		t.Fatalf("lost %q", missing)
	}
	for _, r := range []string{"𠮷", "\U000E0100", "閲"} {
		if len(lost(strings.Replace(got, r, "", 1), &in)) == 0 && len(lost(strings.ReplaceAll(got, r, ""), &in)) == 0 {
			t.Errorf("%+q is lost and not noticed", r)
		}
	}
	if len(lost(strings.Replace(got, "𠮷田", "田𠮷", 1), &in)) == 0 {
		t.Error("a name in pieces is not noticed")
	}
}
