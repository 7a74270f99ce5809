package templates

import (
	"fmt"
	"maps"
	"slices"

	"oshirase/letters"
)

// incidentDoc is incident/incident.toml: only what the incident report says.
type incidentDoc struct {
	ID         string            `toml:"id"`
	AreaPrefix string            `toml:"area_prefix"`
	Logs       span              `toml:"logs"`
	Texts      map[string]string `toml:"texts"`
	Systems    []systemDoc       `toml:"system"`
	Items      []itemDoc         `toml:"item"`
	Measures   []measureDoc      `toml:"measure"`
}

type span struct {
	From string `toml:"from"`
	To   string `toml:"to"`
}

type systemDoc struct {
	Code    string              `toml:"code"`
	Name    string              `toml:"name"`
	Aliases []string            `toml:"aliases"`
	Purpose string              `toml:"purpose"`
	From    string              `toml:"from"`
	To      string              `toml:"to"`
	Etc     []string            `toml:"etc"`
	Cause   []string            `toml:"cause"`
	Items   map[string][]string `toml:"items"`
}

type itemDoc struct {
	Code        string   `toml:"code"`
	Name        string   `toml:"name"`
	Aliases     []string `toml:"aliases"`
	Explanation string   `toml:"explanation"`
}

type measureDoc struct {
	Group string `toml:"group"`
	Text  string `toml:"text"`
	When  string `toml:"when"`
}

const incidentFile = "incident/incident.toml"

func (s *Set) readIncident() error {
	if err := s.files.decode(settingsFile, &s.settings); err != nil {
		return err
	}
	if err := s.settings.check(); err != nil {
		return err
	}
	if err := s.settings.checkValues(); err != nil {
		return err
	}
	var doc incidentDoc
	if err := s.files.decode(incidentFile, &doc); err != nil {
		return err
	}
	if err := doc.check(); err != nil {
		return fmt.Errorf("template %s: %w", incidentFile, err)
	}
	s.optional = s.settings.Optional
	s.incident = s.buildIncident(&doc)
	return nil
}

func (s *Set) buildIncident(doc *incidentDoc) *letters.Incident {
	in := &letters.Incident{
		ID: doc.ID, Version: s.version, AreaPrefix: doc.AreaPrefix,
		LogFrom: letters.Date(doc.Logs.From), LogTo: letters.Date(doc.Logs.To),
		Affiliated: s.settings.Affiliated, Texts: map[string]string{},
		Lists: map[string][]letters.Fact{}, Sheet: s.settings.sheet(),
		ShowDigits: s.settings.ShowDigits, Demo: s.settings.Demo,
	}
	for _, it := range doc.Items {
		in.Items = append(in.Items, letters.Item{Code: letters.ItemCode(it.Code),
			Name: it.Name, Aliases: it.Aliases, Explanation: it.Explanation})
	}
	for _, sys := range doc.Systems {
		in.Systems = append(in.Systems, buildSystem(sys))
		for _, text := range sys.Cause {
			in.Lists["cause."+sys.Code] = append(in.Lists["cause."+sys.Code],
				letters.Fact{Text: s.expandDates(text)})
		}
		s.addEtc(in, sys)
	}
	for _, m := range doc.Measures {
		in.Lists["measures"] = append(in.Lists["measures"],
			letters.Fact{Group: m.Group, Text: s.expandDates(m.Text), When: s.expandDates(m.When)})
	}
	maps.Copy(in.Texts, doc.Texts)
	maps.Copy(in.Texts, s.optional)
	in.Texts["mask"] = s.settings.Mask
	s.addOpen(in)
	return in
}

func buildSystem(doc systemDoc) letters.System {
	sys := letters.System{Code: letters.SystemCode(doc.Code), Name: doc.Name,
		Aliases: doc.Aliases, Purpose: doc.Purpose,
		From: letters.Date(doc.From), To: letters.Date(doc.To),
		Catalogue: map[letters.Supply][]letters.ItemCode{}}
	for supply, items := range doc.Items {
		for _, code := range items {
			key := letters.Supply(supply)
			sys.Catalogue[key] = append(sys.Catalogue[key], letters.ItemCode(code))
		}
	}
	return sys
}

// addEtc keeps the report's など after a catalogue until the house has said
// what stands behind it: Texts["etc.CC.low"].
func (s *Set) addEtc(in *letters.Incident, sys systemDoc) {
	if s.settings.Open["catalogue_"+sys.Code].Value != "" {
		return
	}
	for _, supply := range sys.Etc {
		in.Texts["etc."+sys.Code+"."+supply] = s.words.Get("label", "etc")
	}
}

// addOpen copies the filled placeholders into the texts and lists the others,
// in order of key.
func (s *Set) addOpen(in *letters.Incident) {
	for _, key := range slices.Sorted(maps.Keys(s.settings.Open)) {
		g := s.settings.Open[key]
		in.Texts[key] = g.Value
		if g.Value == "" {
			in.Open = append(in.Open, letters.Placeholder{Key: key, What: g.What})
		}
	}
	if !s.settings.Sheet.Confirmed {
		in.Open = append(in.Open, letters.Placeholder{Key: SheetConfirmed, What: s.settings.Sheet.What})
	}
}

// Filled returns a text of the incident, or the visible mark that it is not
// filled, so that a proof can be read before everything is known.
func (s *Set) Filled(key string) string {
	if v := s.incident.Texts[key]; v != "" {
		return v
	}
	return fmt.Sprintf(s.words.Get("label", "unfilled"), s.settings.Open[key].What)
}
