package text

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// uaxCase is one line of Unicode's LineBreakTest.txt: a text and the places,
// in bytes, where a line may end.
type uaxCase struct {
	text  string
	ends  map[int]bool
	rules string
}

// uaxCases reads the 7,654 cases of UAX #14 (Debian: unicode-data).
func uaxCases(t *testing.T) []uaxCase {
	t.Helper()
	const file = "/usr/share/unicode/auxiliary/LineBreakTest.txt"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v: install unicode-data", err)
	}
	var out []uaxCase
	for line := range strings.Lines(string(b)) {
		body, rules, _ := strings.Cut(line, "#")
		fields := strings.Fields(body)
		if len(fields) == 0 {
			continue
		}
		c := uaxCase{ends: map[int]bool{}, rules: strings.TrimSpace(rules)}
		for i := 0; i+1 < len(fields); i += 2 {
			c.ends[len(c.text)] = fields[i] == "÷"
			n, err := strconv.ParseUint(fields[i+1], 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			c.text += string(rune(n))
		}
		out = append(out, c)
	}
	return out
}

// inLetters says that a text is made of what letters are made of.
func inLetters(s string) bool {
	for _, r := range s {
		switch {
		case r == '\n', r >= 0x20 && r < 0x7f, r == 0xa0, r == '—', r == '…', r == '’', r >= 0x3000 && r < 0x3100,
			r >= 0x4e00 && r < 0xa000, r >= 0xff01 && r < 0xff61:
		default:
			return false
		}
	}
	return true
}

// ownWay says why a line may end where UAX #14 forbids it: JLREQ lets dashes
// and dots open a line, and straight quotes, which the wording does not use,
// are neither opening nor closing.
func ownWay(items []Item, i int) bool {
	before := items[i-1].Text
	if before == " " && i > 1 {
		before = items[i-2].Text
	}
	return items[i].Class == Insep || strings.ContainsAny(before+items[i].Text, "\"'’")
}

// uaxFaults names the line ends that the breaker allows and UAX #14 forbids,
// and counts those that both allow.
func uaxFaults(c uaxCase, b *Breaker) (faults []string, agreed int) {
	at := 0
	for i := 1; i < len(b.items); i++ {
		at += len(b.items[i-1].Text)
		switch {
		case b.level[i] != allowed:
		case c.ends[at]:
			agreed++
		case !ownWay(b.items, i):
			faults = append(faults, strconv.Quote(c.text)+" may end a line before "+b.items[i].Text+"; "+c.rules)
		}
	}
	return faults, agreed
}

// A line never ends where UAX #14 forbids it, in all of its cases that are
// made of characters which letters have.
func TestNoBreakThatUAX14Forbids(t *testing.T) {
	t.Parallel()
	cases, compared, agreed := uaxCases(t), 0, 0
	if len(cases) < 7000 {
		t.Fatalf("%d cases, want all of them", len(cases))
	}
	for _, c := range cases {
		if !inLetters(c.text) {
			continue
		}
		compared++
		b := Breaker{items: set(Itemize(nil, []Inline{{Text: c.text}}))}
		b.prepare()
		faults, n := uaxFaults(c, &b)
		agreed += n
		for _, f := range faults {
			t.Error(f)
		}
		for i := range b.level { // planted: a line may end anywhere
			b.level[i] = allowed
		}
		if faults, _ := uaxFaults(c, &b); len(b.items) == len([]rune(c.text)) && len(faults) == 0 && forbids(c, &b) {
			t.Errorf("%q: a line end that UAX #14 forbids is not found", c.text)
		}
	}
	if compared < 500 || agreed < 300 {
		t.Errorf("%d cases with %d line ends compared, want most of what letters are made of", compared, agreed)
	}
}

// forbids says that UAX #14 forbids a line end in a case which is not left to
// ownWay.
func forbids(c uaxCase, b *Breaker) bool {
	at := 0
	for i := 1; i < len(b.items); i++ {
		if at += len(b.items[i-1].Text); !c.ends[at] && !ownWay(b.items, i) {
			return true
		}
	}
	return false
}
