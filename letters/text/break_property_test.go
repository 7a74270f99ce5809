package text

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// alphabet is a mixture of every class.
func alphabet() []rune {
	var out []rune
	for _, chars := range members {
		out = append(out, []rune(chars)...)
	}
	return append(out, []rune("文字漢仮名あいうアイウabcABC0123456789年月日令和元様")...)
}

// checkLines asserts what holds of every paragraph.
func checkLines(t *testing.T, items []Item, lines []Line, x []float64, measure float64, b *Breaker) {
	t.Helper()
	at := 0
	for k, l := range lines {
		if l.First != at || l.End <= l.First {
			t.Fatalf("line %d is %d–%d, want it to begin at %d", k, l.First, l.End, at)
		}
		at = l.End
		if l.Width > measure+1e-6 && l.End-l.First > 1 && visibleItems(items[l.First:l.End]) > 1 {
			t.Errorf("line %d %q is %g wide of %g", k, linesOf(items, lines)[k], l.Width, measure)
		}
		if b.opts.Justify {
			checkAdjusted(t, b, l, x, measure)
		}
		if k == 0 || items[l.First-1].Class == Newline {
			continue
		}
		if b.level[l.First] == allowed && (items[l.First].Class.atStart() && items[l.First].Class != Insep || items[l.First-1].Class.atEnd()) {
			t.Errorf("a break that a rule forbids counts as allowed: %q", linesOf(items, lines)[k-1:k+1])
		}
		if b.level[l.First] != allowed && hadChoice(b, lines[k-1], l.First, measure) {
			t.Errorf("line %d starts badly at %q though it need not: %q", k, items[l.First].Text, linesOf(items, lines)[k-1:k+1])
		}
	}
	if at != len(items) || len(x) != len(items) {
		t.Fatalf("lines hold %d items of %d", at, len(items))
	}
}

// checkAdjusted asserts that a justified line fills its measure or would need
// more than JLREQ allows, and that no gap leaves JLREQ's limits: never less
// than its kind may shrink to, never more than half an em beyond its own.
func checkAdjusted(t *testing.T, b *Breaker, l Line, x []float64, measure float64) {
	t.Helper()
	end := l.End
	for end > l.First && blank(b.items[end-1].Class) {
		end--
	}
	room := 0.0 // by how much JLREQ lets the line grow
	pen := l.Indent
	for i := l.First; i < end; i++ {
		gap := x[i] + b.lead[i] - pen
		pen = x[i] + b.lead[i] + b.body[i]
		if b.items[i].Class == Space {
			if i > l.First {
				room += b.spaceRoom(i)
			}
			if i+1 < end {
				next := x[i+1] + b.lead[i+1]
				pen = min(next, x[i]+b.items[i].Em) // the space itself has grown or shrunk
			}
			continue
		}
		if i == l.First || b.items[i-1].Class == Space {
			continue
		}
		if b.stretchable(i) && b.kind[i] == akiLatin {
			room += latinRoom(1) + 0.25
		} else if b.stretchable(i) {
			room += 0.5
		}
		least, most := b.gap[i]-b.give(i), b.gap[i]
		if b.stretchable(i) {
			most += b.items[i].Em / 2
		}
		if gap < least-1e-6 || gap > most+1e-6 {
			t.Errorf("gap before %q is %g, want %g to %g", b.items[i].Text, gap, least, most)
		}
	}
	if !b.final(&l) && measure-l.Width > 1e-6 && measure-l.Width <= room-1e-6 {
		t.Errorf("a line of %g is left %g wide, though its gaps could take %g", measure, l.Width, room)
	}
}

func visibleItems(items []Item) int {
	n := 0
	for _, it := range items {
		if !blank(it.Class) {
			n++
		}
	}
	return n
}

// hadChoice says that a better end for the line existed.
func hadChoice(b *Breaker, l Line, end int, measure float64) bool {
	for i := l.First + 1; i < end; i++ {
		if b.level[i] == allowed {
			return true
		}
	}
	return false
}

func TestNothingIsLostOrForbidden(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	letters := alphabet()
	var b Breaker
	for range 4000 {
		var s strings.Builder
		for range 1 + random.IntN(120) {
			s.WriteRune(letters[random.IntN(len(letters))])
		}
		items := set(Itemize(nil, []Inline{{Text: s.String()}}))
		measure := 1 + random.Float64()*30
		opts := Options{Justify: random.IntN(2) == 0, Grid: random.IntN(3) == 0, Indent: float64(random.IntN(2))}
		if measure < 2 {
			opts.Indent = 0
		}
		lines, x := b.Break(items, measure, opts)
		checkLines(t, items, lines, x, measure, &b)
	}
}

func FuzzBreak(f *testing.F) {
	f.Add(prose, 20.0, true)
	f.Add("「」、。\n　 a", 1.0, false)
	f.Fuzz(func(t *testing.T, s string, measure float64, justify bool) {
		if !(measure > 0 && measure < 1000) {
			return
		}
		items := set(Itemize(nil, []Inline{{Text: s}}))
		var b Breaker
		lines, x := b.Break(items, measure, Options{Justify: justify})
		checkLines(t, items, lines, x, measure, &b)
		if got := strings.Join(linesOf(items, lines), ""); got != s {
			t.Fatalf("lines hold %q, want %q", got, s)
		}
	})
}

func BenchmarkBreak(b *testing.B) {
	items := set(Itemize(nil, []Inline{{Text: strings.Repeat(prose, 3)}}))[:700]
	var br Breaker
	b.ReportAllocs()
	for b.Loop() {
		br.Break(items, 38, Options{Justify: true, Indent: 1})
	}
}

func BenchmarkItemize(b *testing.B) {
	text := []Inline{{Text: strings.Repeat(prose, 3)}}
	var items []Item
	b.ReportAllocs()
	for b.Loop() {
		items = Itemize(items[:0], text)
	}
}
