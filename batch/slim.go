package batch

import (
	"strings"

	"oshirase/letters"
)

// slimmer keeps the rows of a large month small: the few words that all rows
// share are held once, and what planning does not read is dropped.
type slimmer struct {
	words map[string]string
	items map[string][]letters.ItemCode
}

func newSlimmer() *slimmer {
	return &slimmer{words: make(map[string]string), items: make(map[string][]letters.ItemCode)}
}

func (s *slimmer) row(r letters.PlanRow) letters.PlanRow {
	r.PersonKey, r.PlaceKey = "", ""
	r.Supply = letters.Supply(s.word(string(r.Supply)))
	r.System = letters.SystemCode(s.word(string(r.System)))
	r.Channel = letters.Channel(s.word(string(r.Channel)))
	r.Kind = letters.CustomerKind(s.word(string(r.Kind)))
	r.First, r.Last = letters.Date(s.word(string(r.First))), letters.Date(s.word(string(r.Last)))
	r.FoldKey = s.word(r.FoldKey)
	r.Items = s.list(r.Items)
	return r
}

func (s *slimmer) word(w string) string {
	if held, ok := s.words[w]; ok {
		return held
	}
	s.words[w] = w
	return w
}

func (s *slimmer) list(items []letters.ItemCode) []letters.ItemCode {
	if len(items) == 0 {
		return nil
	}
	var key strings.Builder
	for _, item := range items {
		key.WriteString(string(item))
		key.WriteByte(',')
	}
	if held, ok := s.items[key.String()]; ok {
		return held
	}
	s.items[key.String()] = items
	return items
}
