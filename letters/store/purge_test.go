package store

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
)

// TestPseudonyms: 22 digits, the same for the same supply point, others for
// another or under another key, and nothing of it in them.
func TestPseudonyms(t *testing.T) {
	t.Parallel()
	const point = "0912345678901234567890"
	p := pseudonym("key", point)
	if len(p) != 22 || strings.Trim(p, "0123456789") != "" || p == point || p != pseudonym("key", point) {
		t.Errorf("pseudonym %q", p)
	}
	if p == pseudonym("key", "0912345678901234567891") || p == pseudonym("other", point) {
		t.Error("two supply points or two keys give one pseudonym")
	}
}

// TestPurgeKeyIsDrawnOnce: and kept, whatever random says later.
func TestPurgeKeyIsDrawnOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		none, err := s.reader().purgeKey(ctx, nil)
		if err != nil || none != "" {
			t.Fatalf("a key before the first purge: %q, %v", none, err)
		}
		var keys []string
		for range 2 {
			must(t, s.write(ctx, "key", func(c conn) error {
				key, err := c.purgeKey(ctx, rand.Reader)
				keys = append(keys, key)
				return err
			}))
		}
		if len(keys[0]) != 64 || keys[0] != keys[1] {
			t.Errorf("keys %q", keys)
		}
		err = s.write(ctx, "short", func(c conn) error {
			_, err := c.exec(ctx, `DELETE FROM meta WHERE key = 'purge_key'`)
			if err == nil {
				_, err = c.purgeKey(ctx, bytes.NewReader([]byte("short")))
			}
			return err
		})
		if err == nil {
			t.Error("a key of five bytes")
		}
	})
}

// TestPurgeNeedsAProposal: nothing is purged that nobody proposed.
func TestPurgeNeedsAProposal(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		must(t, s.EnsureMonth(ctx, "2023-02"))
		if err := s.ConfirmPurge(ctx, "2023-02", "jiro", 1, rand.Reader); !errors.Is(err, ErrNoProposal) {
			t.Errorf("confirmed: %v", err)
		}
		if err := s.WithdrawPurge(ctx, "2023-02"); !errors.Is(err, ErrNoProposal) {
			t.Errorf("withdrawn: %v", err)
		}
		if err := s.ConfirmPurge(ctx, "2023-03", "jiro", 1, rand.Reader); !errors.Is(err, ErrNotFound) {
			t.Errorf("a month that is not there: %v", err)
		}
	})
}
