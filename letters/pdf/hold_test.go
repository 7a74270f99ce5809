package pdf

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"oshirase/letters"
	"oshirase/letters/text"
)

func heldFor(t *testing.T, r *Renderer, in Input) *HoldError {
	t.Helper()
	_, err := r.Pages(in)
	var hold *HoldError
	if !errors.As(err, &hold) {
		t.Fatalf("error %v, want a HoldError", err)
	}
	return hold
}

func TestMissingGlyphsAreHeldByCodePoint(t *testing.T) {
	t.Parallel()
	r := newShared(t).NewRenderer()
	for name, want := range map[string][]string{
		"𨺓田 太郎":             {"U+28E93"},
		"葛\U000E01EF":       {"U+845B+U+E01EF"},
		"外字\uE000":          {"U+E000"},
		"電力\u200b太郎":        {"U+200B"},
		"電力\u0007太郎":        {"U+0007"},
		"電力\ufffd":          {"U+FFFD"},
		"𨺓\U000E01EF\uE000": {"U+28E93+U+E01EF", "U+E000"},
	} {
		for _, place := range []func(*text.Document){
			func(d *text.Document) { d.Address.Name = []string{name} },
			func(d *text.Document) { d.Address.Lines[0] += name },
			func(d *text.Document) { d.Body = append(d.Body, text.Paragraph{Text: plain(name)}) },
			func(d *text.Document) { d.Title += name },
		} {
			in := sampleInput(1)
			in.Doc.Address.Lines = slices.Clone(in.Doc.Address.Lines)
			place(&in.Doc)
			hold := heldFor(t, r, in)
			if hold.Reason != letters.ReasonGlyph || !slices.Equal(hold.Points, want) {
				t.Errorf("%+q: held for %s %v, want %v", name, hold.Reason, hold.Points, want)
			}
			if strings.Contains(hold.Error(), "電力") {
				t.Errorf("the error carries the name: %v", hold)
			}
		}
	}
	if _, err := r.Pages(sampleInput(1)); err != nil {
		t.Errorf("the letter after held ones: %v", err)
	}
}

func TestTooManySheetsAreHeld(t *testing.T) {
	t.Parallel()
	r := newShared(t).NewRenderer()
	if hold := heldFor(t, r, sampleInput(1200)); hold.Reason != letters.ReasonSheets {
		t.Errorf("held for %s, want %s", hold.Reason, letters.ReasonSheets)
	}
}

func TestEnvelopeFollowsSheets(t *testing.T) {
	t.Parallel()
	r := newShared(t).NewRenderer()
	for rows, want := range map[int]string{1: "naga3", 9: "naga3", 200: "kaku2"} {
		p, err := r.Pages(sampleInput(rows))
		if err != nil {
			t.Fatal(err)
		}
		if p.Envelope != want || (p.Sheets > 4) != (want == "kaku2") {
			t.Errorf("%d rows: %d sheets in %s, want %s", rows, p.Sheets, p.Envelope, want)
		}
	}
	in := sampleInput(1)
	in.Channel, in.Doc.Address = letters.Email, text.Address{}
	if p, err := r.Pages(in); err != nil || p.Envelope != "" {
		t.Errorf("a mail in envelope %q, %v", p.Envelope, err)
	}
}

// TestAPanicIsAnError plants a page that the library below cannot take.
func TestAPanicIsAnError(t *testing.T) {
	t.Parallel()
	r := newShared(t).NewRenderer()
	if _, err := r.Pages(sampleInput(1)); err != nil {
		t.Fatal(err)
	}
	r.flow.sheet.pages = nil
	r.flow.sheet.used = 3
	r.flow.shared = nil
	if _, err := r.Pages(sampleInput(1)); !errors.Is(err, ErrRender) {
		t.Errorf("error %v, want ErrRender", err)
	}
	if _, err := r.Pages(sampleInput(1)); err != nil {
		t.Errorf("the letter after the panic: %v", err)
	}
}

func TestBadInputs(t *testing.T) {
	t.Parallel()
	lib, err := library()
	if err != nil {
		t.Fatal(err)
	}
	wide := sampleSheet()
	wide.Width = 220
	for name, cfg := range map[string]Config{
		"no fonts":       {Sheet: sampleSheet()},
		"not A4":         {Library: lib, Sheet: wide},
		"unknown glyphs": {Library: lib, Sheet: sampleSheet(), TemplateText: []string{"\uE000"}},
	} {
		if _, err := NewShared(cfg); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: error %v, want ErrConfig", name, err)
		}
	}
}

func TestBadBarcodesAreErrors(t *testing.T) {
	t.Parallel()
	r := newShared(t).NewRenderer()
	wrong := bars()
	wrong[3] = 5
	for name, b := range map[string][]byte{"short": bars()[1:], "empty": {}, "state 5": wrong} {
		in := sampleInput(1)
		in.Barcode = b
		if _, err := r.Pages(in); !errors.Is(err, ErrRender) {
			t.Errorf("%s: error %v, want ErrRender", name, err)
		}
	}
	in := sampleInput(1)
	in.Barcode = nil
	if _, err := r.Pages(in); err != nil {
		t.Errorf("no barcode: %v", err)
	}
}
