package pdf

import (
	"fmt"
	"slices"
	"strings"

	"oshirase/letters"
)

// HoldError says that a letter cannot be drawn as it should be and waits for
// a person: ReasonGlyph (Points lists the code points), ReasonGeometry or
// ReasonSheets. It never carries a name or an address.
type HoldError struct {
	Reason letters.Reason
	Detail string   // what did not fit, in fixed words
	Points []string // U+XXXX, a pair as U+XXXX+U+XXXX; sorted, each once
}

func (e *HoldError) Error() string {
	switch {
	case len(e.Points) > 0:
		return fmt.Sprintf("letter held: %s: %s", e.Reason, strings.Join(e.Points, " "))
	case e.Detail != "":
		return fmt.Sprintf("letter held: %s: %s", e.Reason, e.Detail)
	}
	return fmt.Sprintf("letter held: %s", e.Reason)
}

// missing collects what no face can draw.
type missing []string

func (m *missing) add(text string) {
	var b strings.Builder
	for i, r := range text {
		if i > 0 {
			b.WriteByte('+')
		}
		fmt.Fprintf(&b, "U+%04X", r)
	}
	*m = append(*m, b.String())
}

// hold returns the error for everything collected, or nil.
func (m missing) hold() error {
	if len(m) == 0 {
		return nil
	}
	points := slices.Clone(m)
	slices.Sort(points)
	return &HoldError{Reason: letters.ReasonGlyph, Points: slices.Compact(points)}
}

func geometry(detail string) error {
	return &HoldError{Reason: letters.ReasonGeometry, Detail: detail}
}
