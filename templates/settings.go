package templates

import (
	"fmt"
	"slices"

	"oshirase/letters"
)

// settings is incident/settings.toml: what the incident report does not say,
// and the house's choices.
type settings struct {
	Demo       bool              `toml:"demo"`
	ShowDigits int               `toml:"show_digits"`
	Mask       string            `toml:"mask"`
	Dates      string            `toml:"dates"`
	Digits     string            `toml:"digits"`
	Affiliated []string          `toml:"affiliated"`
	Optional   map[string]string `toml:"optional"`
	Open       map[string]gap    `toml:"open"`
	Sheet      sheet             `toml:"sheet"`
}

// gap is one placeholder: what a person must state, and the statement.
type gap struct {
	What  string `toml:"what"`
	Value string `toml:"value"`
}

type sheet struct {
	Confirmed  bool      `toml:"confirmed"`
	What       string    `toml:"what"`
	Width      float64   `toml:"width"`
	Height     float64   `toml:"height"`
	Folds      []float64 `toml:"folds"`
	MaxFolded  int       `toml:"max_folded"`
	MaxSheets  int       `toml:"max_sheets"`
	BarcodePt  float64   `toml:"barcode_pt"`
	BarcodeGap float64   `toml:"barcode_gap"`
	Window     window    `toml:"window"`
	Unfolded   window    `toml:"unfolded"`
}

type window struct {
	Name        string  `toml:"name"`
	Left        float64 `toml:"left"`
	Top         float64 `toml:"top"`
	Width       float64 `toml:"width"`
	Height      float64 `toml:"height"`
	InnerWidth  float64 `toml:"inner_width"`
	InnerHeight float64 `toml:"inner_height"`
}

const settingsFile = "incident/settings.toml"

func (s *settings) check() error {
	bad := func(what string) error { return fmt.Errorf("template %s: %s", settingsFile, what) }
	switch {
	case s.ShowDigits < 0 || s.ShowDigits > 22:
		return bad("show_digits is not between 0 and 22")
	case !slices.Contains([]string{"western", "era"}, s.Dates):
		return bad("dates is neither western nor era")
	case !slices.Contains([]string{"half", "full"}, s.Digits):
		return bad("digits is neither half nor full")
	case s.Sheet.Width <= 0 || s.Sheet.Height <= 0 || s.Sheet.MaxSheets < 1:
		return bad("the sheet has no size")
	case s.Sheet.Window.Width <= 0 || s.Sheet.Unfolded.Width <= 0:
		return bad("[sheet.window] or [sheet.unfolded] is missing")
	}
	for _, key := range openKeys() {
		if _, ok := s.Open[key]; !ok {
			return bad("[open." + key + "] is missing")
		}
	}
	return nil
}

// openKeys are the placeholders that the wording or the release rules need;
// a house that deletes one would release without it.
func openKeys() []string {
	return []string{"signatory", "sender_name", "sender_address", "knowledge_date",
		"report_class", "secondary_harm", "secondary_harm_date", "customer_advice",
		"contact_name", "contact_phone", "contact_hours", "contact_address",
		"website", "affiliated_codes"}
}

func (s *settings) checkValues() error {
	for _, key := range []string{"secondary_harm_date", "knowledge_date"} {
		if v := s.Open[key].Value; v != "" {
			if _, err := letters.ParseDate(v); err != nil {
				return &FileError{File: settingsFile, Key: "open." + key, Code: "date", Err: err}
			}
		}
	}
	switch s.Open["report_class"].Value {
	case "", "30", "60":
		return nil
	}
	return &FileError{File: settingsFile, Key: "open.report_class", Code: "report_class"}
}

func (s *settings) sheet() letters.Sheet {
	in := s.Sheet
	return letters.Sheet{
		Confirmed: in.Confirmed, Width: in.Width, Height: in.Height, Folds: in.Folds,
		MaxFolded: in.MaxFolded, MaxSheets: in.MaxSheets,
		BarcodePt: in.BarcodePt, BarcodeGap: in.BarcodeGap,
		Window: letters.Window(in.Window), Unfolded: letters.Window(in.Unfolded),
	}
}
