package store

import (
	"testing"

	"oshirase/letters"
)

func TestPlanMakesLetters(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		planned(t, s, feb, 1, 25)
		all, by, err := s.StateCounts(t.Context(), feb)
		must(t, err)
		if all[letters.Planned] != 25 || by[letters.Email][letters.Planned] != 3 {
			t.Errorf("state counts %v, %v", all, by)
		}
		var ids []letters.ID
		must(t, s.Letters(t.Context(), feb, nil, func(l letters.Letter, d letters.Dispatch) error {
			ids = append(ids, l.ID)
			if len(l.Cases) != 1 || l.Recipient.Name == "" {
				t.Errorf("letter %+v", l)
			}
			return nil
		}))
		if len(ids) != 25 {
			t.Errorf("%d letters", len(ids))
		}
		rendered(t, s, feb)
		all, _, err = s.StateCounts(t.Context(), feb)
		must(t, err)
		if all[letters.Rendered] != 25 {
			t.Errorf("state counts %v", all)
		}
	})
}
