package store

import (
	"errors"
	"slices"
	"testing"
)

// TestAHomeHasOneJournal: the ledger takes no shorter journal of a home and no
// other one of the same length, as two copies of one home would write; and
// after another epoch it names the homes that were not compared since.
func TestAHomeHasOneJournal(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		for _, c := range []struct {
			n    uint64
			hash string
			want error
		}{{0, "", nil}, {2, "a", nil}, {2, "a", nil}, {2, "b", ErrConflict}, {1, "c", ErrConflict}, {3, "d", nil}} {
			if err := s.SetHome(ctx, "home-1", c.n, c.hash, s.Epoch()); !errors.Is(err, c.want) {
				t.Errorf("line %d %q: %v, want %v", c.n, c.hash, err, c.want)
			}
		}
		must(t, s.SetHome(ctx, "home-2", 5, "x", "an earlier epoch"))
		must(t, s.SetHome(ctx, "home-3", 0, "", "an earlier epoch")) // never handed anything over
		if behind, err := s.HomesBehind(ctx); err != nil || !slices.Equal(behind, []string{"home-2"}) {
			t.Errorf("homes behind %q, %v; want home-2", behind, err)
		}
		must(t, s.GiveUpHomes(ctx))
		if behind, err := s.HomesBehind(ctx); err != nil || len(behind) != 0 {
			t.Errorf("given up, and yet behind: %q, %v", behind, err)
		}
	})
}
