package letters

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestIDCheckDigits(t *testing.T) {
	if got := checkDigits("794"); got != "44" { // ISO/IEC 7064 example
		t.Errorf("check of 794 = %s, want 44", got)
	}
}

func TestIDRoundTripAndForgiveness(t *testing.T) {
	id, err := NewID(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	wide := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + '０'
		}
		return '－'
	}, id.Groups())
	for _, s := range []string{string(id), id.Groups(), " " + id.Groups() + "\n", wide} {
		if got, err := ParseID(s); err != nil || got != id {
			t.Errorf("ParseID(%q) = %q, %v; want %q", s, got, err, id)
		}
	}
}

func TestIDRefusesEverySingleDigitAndSwap(t *testing.T) {
	id, err := NewID(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(id) {
		for d := byte('0'); d <= '9'; d++ {
			b := []byte(id)
			if b[i] == d {
				continue
			}
			b[i] = d
			if _, err := ParseID(string(b)); !errors.Is(err, ErrBadID) {
				t.Fatalf("digit %d of %s changed to %c was accepted", i, id, d)
			}
		}
		if i > 0 && id[i] != id[i-1] {
			b := []byte(id)
			b[i], b[i-1] = b[i-1], b[i]
			if _, err := ParseID(string(b)); err == nil {
				t.Fatalf("digits %d and %d of %s swapped were accepted", i-1, i, id)
			}
		}
	}
	for _, s := range []string{"", string(id[:15]), string(id) + "0", "0" + string(id[1:]), "abcd"} {
		if _, err := ParseID(s); err == nil {
			t.Errorf("ParseID(%q) was accepted", s)
		}
	}
}

func TestDateIsJapans(t *testing.T) {
	at := time.Date(2023, 1, 31, 23, 30, 0, 0, time.UTC)
	if got := DateOf(at); got != "2023-02-01" {
		t.Errorf("DateOf = %s, want 2023-02-01", got)
	}
	if got := MonthOf(at); got != "2023-02" {
		t.Errorf("MonthOf = %s, want 2023-02", got)
	}
	if got := Date("2023-02-28").AddDays(1); got != "2023-03-01" {
		t.Errorf("AddDays = %s, want 2023-03-01", got)
	}
}

func TestTransitionsAreSafe(t *testing.T) {
	known := make(map[State]bool)
	for _, s := range States() {
		known[s] = true
	}
	reach := map[State]bool{Planned: true}
	for range States() {
		for _, e := range Transitions() {
			if !known[e.From] || !known[e.To] {
				t.Errorf("edge %s to %s names an unlisted state", e.From, e.To)
			}
			if reach[e.From] {
				reach[e.To] = true
			}
			if e.From == Uncertain && e.Guard != ByEvidence && e.Guard != ByDecision {
				t.Errorf("uncertain leaves to %s by %q", e.To, e.Guard)
			}
			if e.From.Left() && (e.To == QueuedPrint || e.To == QueuedEmail || e.To == Cancelled) {
				t.Errorf("a letter that left goes from %s to %s", e.From, e.To)
			}
		}
	}
	for _, s := range States() {
		if !reach[s] {
			t.Errorf("state %s cannot be reached", s)
		}
	}
	if err := CheckTransition(Uncertain, QueuedEmail, NoGuard); !errors.Is(err, ErrTransition) {
		t.Errorf("unguarded re-queue gave %v", err)
	}
}

func TestWindowArithmetic(t *testing.T) {
	s := Sheet{Width: 210, Height: 297, Folds: []float64{99, 198},
		Window:   Window{Left: 18, Top: 20, Width: 100, Height: 55, InnerWidth: 230, InnerHeight: 117},
		Unfolded: Window{Left: 18, Top: 20, Width: 106, Height: 68, InnerWidth: 236, InnerHeight: 328}}
	if got, want := s.Always(), (Seen{18, 20, 80, 37}); got != want {
		t.Errorf("always seen %v, want %v", got, want)
	}
	if got, want := s.Ever(), (Seen{-2, 2, 120, 73}); got != want {
		t.Errorf("ever seen %v, want %v", got, want)
	}
	if got, want := s.Large().Always(), (Seen{18, 20, 80, 37}); got != want {
		t.Errorf("always seen in the large envelope %v, want %v", got, want)
	}
	if got, want := s.Large().Ever(), (Seen{-8, -11, 132, 99}); got != want {
		t.Errorf("ever seen in the large envelope %v, want %v", got, want)
	}
}

// Every action leads along an edge of the state machine, and only from the
// states it is for; nothing that left goes back to a queue.
func TestActionsFollowTheStateMachine(t *testing.T) {
	for _, a := range Actions() {
		from := 0
		for _, s := range States() {
			for _, c := range []Channel{Print, Email} {
				e, err := a.Effect(s, c)
				if err != nil {
					if _, ok := a.effect(s, c); ok {
						t.Errorf("%s from %s leads to %s, which is no edge", a, s, e.To)
					}
					continue
				}
				from++
				if s.Left() && (e.To == QueuedPrint || e.To == QueuedEmail) {
					t.Errorf("%s queues a letter that left", a)
				}
				if (e.Next != "") != (e.To == Superseded) {
					t.Errorf("%s from %s: new generation over %q of a letter that is %s", a, s, e.Next, e.To)
				}
			}
		}
		if from == 0 {
			t.Errorf("%s is for no state", a)
		}
	}
	if _, err := ActReceived.Effect(Accepted, Email); !errors.Is(err, ErrTransition) {
		t.Errorf("receiving twice: %v", err)
	}
}
