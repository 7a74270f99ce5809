package letters

import "slices"

// Incident is the case (事案) that the letters tell of. The shipped one is
// ../templates/incident; the home's incident folder overrides it. Texts that
// the incident report does not hold are placeholders (Open).
type Incident struct {
	ID         string
	Version    string // hash of the files it was read from
	AreaPrefix string // first two digits of every 供給地点特定番号, e.g. 09
	LogFrom    Date   // 調査対象期間, the period of the examined logs
	LogTo      Date
	Affiliated []string // codes of affiliated retailers: never in a list
	Systems    []System
	Items      []Item
	Texts      map[string]string // named texts that wording may use (company, contact …)
	Lists      map[string][]Fact // named lists (measures with their dates …)
	Open       []Placeholder     // what is not yet filled or confirmed
	Sheet      Sheet
	ShowDigits int  // last digits of a supply point that a letter shows
	Demo       bool // made-up values stand where placeholders were
}

// System is a shared system in which data could be seen.
type System struct {
	Code      SystemCode
	Name      string   // コールセンターシステム
	Aliases   []string // other names accepted in lists
	Purpose   string   // one line: what it is for
	From, To  Date     // 閲覧可能となっていた期間
	Catalogue map[Supply][]ItemCode
}

// Item is one kind of datum that could be seen.
type Item struct {
	Code        ItemCode
	Name        string
	Aliases     []string
	Explanation string // one plain line, given once in a letter
}

// Fact is one line of a list of the incident, e.g. a measure and its date.
type Fact struct{ Group, Text, When string }

// Placeholder is a setting that the report does not state and a person must
// fill or confirm before release.
type Placeholder struct{ Key, What string }

// System returns the system of a code, or nil.
func (in *Incident) System(code SystemCode) *System {
	for i := range in.Systems {
		if in.Systems[i].Code == code {
			return &in.Systems[i]
		}
	}
	return nil
}

// Item returns the item of a code, or nil.
func (in *Incident) Item(code ItemCode) *Item {
	for i := range in.Items {
		if in.Items[i].Code == code {
			return &in.Items[i]
		}
	}
	return nil
}

// Catalogue returns the items that could be seen of a contract in a system,
// in catalogue order; empty when the combination is impossible.
func (in *Incident) Catalogue(system SystemCode, supply Supply) []ItemCode {
	if s := in.System(system); s != nil {
		return s.Catalogue[supply]
	}
	return nil
}

// Rest returns the catalogue items of a case that are not confirmed.
func (in *Incident) Rest(c Case) []ItemCode {
	var rest []ItemCode
	for _, item := range in.Catalogue(c.System, c.Supply) {
		if !slices.Contains(c.Confirmed, item) {
			rest = append(rest, item)
		}
	}
	return rest
}

// Sheet is the geometry of paper, fold and envelope, all in millimetres from the sheet's upper left corner unless said otherwise.
type Sheet struct {
	Confirmed  bool // against the mailing house's envelope
	Width      float64
	Height     float64
	Folds      []float64 // distances from the top
	Window     Window    // of the envelope for folded sheets
	Unfolded   Window    // of the large envelope (角形2号), in which sheets lie flat
	MaxFolded  int       // most sheets that are folded into the small envelope
	MaxSheets  int       // most sheets at all; beyond it the letter is held
	BarcodePt  float64
	BarcodeGap float64 // clear space around the barcode
}

// Window is the envelope's window and inner size. Left and Top are measured
// on the envelope; the folded sheet can shift by the difference of sizes.
type Window struct {
	Name                    string
	Left, Top               float64
	Width, Height           float64
	InnerWidth, InnerHeight float64
}

// Seen is a rectangle on the sheet.
type Seen struct{ X, Y, W, H float64 }

// Always returns the part of the sheet that is visible at every shift, and
// Ever the part that can be visible at any shift: the address stands in the
// first, and nothing else in the second.
func (s Sheet) Always() Seen {
	playX, playY := s.play()
	return Seen{s.Window.Left, s.Window.Top, s.Window.Width - playX, s.Window.Height - playY}
}

// Ever is described with Always.
func (s Sheet) Ever() Seen {
	playX, playY := s.play()
	return Seen{s.Window.Left - playX, s.Window.Top - playY, s.Window.Width + playX, s.Window.Height + playY}
}

// Large is the sheet in the large envelope: unfolded, behind its own window.
func (s Sheet) Large() Sheet {
	s.Window, s.Folds = s.Unfolded, nil
	return s
}

// play is how far the folded sheet can slide inside the envelope.
func (s Sheet) play() (x, y float64) {
	panel := s.Height
	if len(s.Folds) > 0 {
		panel = s.Folds[0]
	}
	return max(0, s.Window.InnerWidth-s.Width), max(0, s.Window.InnerHeight-panel)
}
