package store

import (
	"errors"
	"slices"
	"testing"
	"time"

	"oshirase/letters"
)

// asked matches the caller of a call and records an inquiry with wishes.
func asked(t testing.TB, s *Store, n int, id letters.ID, in letters.Inquiry, wishes ...letters.Wish) int64 {
	t.Helper()
	call := opened(t, s, n, id)
	must(t, s.Match(t.Context(), call, letters.CheckedPhone))
	must(t, s.Purpose(t.Context(), call.ID, "content", letters.CallerSelf, ""))
	in.CallID, in.User = call.ID, "kana"
	got, err := s.Inquire(t.Context(), in, wishes)
	must(t, err)
	return got
}

func TestInquiryWithWishes(t *testing.T) {
	t.Parallel()
	forDesk(t, func(t *testing.T, s *Store) {
		planned(t, s, feb, 1, 2)
		asked(t, s, 1, sampleID(1), letters.Inquiry{Outcome: "explained", Harm: true, Note: "折り返し不要"},
			letters.Wish{Kind: letters.WishResend},
			letters.Wish{Kind: letters.WishAddress, PostalCode: "8100001", Address: "福岡市中央区見本2-3-4"})
		list, err := s.InquiriesOf(t.Context(), sampleID(1))
		must(t, err)
		if len(list) != 1 || !list[0].Harm || list[0].Purpose != "content" || list[0].Caller != letters.CallerSelf {
			t.Errorf("inquiries %+v", list)
		}
		if n, err := s.HarmReports(t.Context(), time.Time{}); err != nil || n != 1 {
			t.Errorf("harm reports %d, %v, want 1", n, err)
		}
		wishes, err := s.OpenWishes(t.Context())
		must(t, err)
		if len(wishes) != 2 || wishes[0].Kind != letters.WishResend || wishes[1].Address == "" {
			t.Fatalf("wishes %+v", wishes)
		}
		must(t, s.DecideWish(t.Context(), wishes[0].ID, false, "hana", "転送届を案内した", 0))
		if err := s.DecideWish(t.Context(), wishes[0].ID, true, "hiro", "再送する", 0); !errors.Is(err, ErrConflict) {
			t.Errorf("two people decide the same wish: %v, want ErrConflict", err)
		}
		if _, err := s.Inquire(t.Context(), letters.Inquiry{CallID: callID(1), User: "kana", Outcome: "explained"}, nil); !errors.Is(err, ErrConflict) {
			t.Errorf("the same call twice: %v, want ErrConflict", err)
		}
	})
}

// TestUnmatchedCallerCannotWish lets nobody who did not match ask for a letter
// or change an address.
func TestUnmatchedCallerCannotWish(t *testing.T) {
	t.Parallel()
	forDesk(t, func(t *testing.T, s *Store) {
		planned(t, s, feb, 1, 2)
		call := opened(t, s, 1, sampleID(1))
		in := letters.Inquiry{CallID: call.ID, User: "kana", Outcome: "not_confirmed"}
		if _, err := s.Inquire(t.Context(), in, []letters.Wish{{Kind: letters.WishResend}}); err == nil {
			t.Error("an unmatched caller's 再送 was stored")
		}
		if _, err := s.Inquire(t.Context(), in, []letters.Wish{{Kind: letters.WishAnswer}}); err != nil {
			t.Errorf("an unmatched caller may ask for an answer: %v", err)
		}
	})
}

// TestNoContactHoldsLaterPlans accepts 連絡不要 and reads the rows of a later
// month for its plan.
func TestNoContactHoldsLaterPlans(t *testing.T) {
	t.Parallel()
	forDesk(t, func(t *testing.T, s *Store) {
		planned(t, s, feb, 1, 2)
		asked(t, s, 1, sampleID(1), letters.Inquiry{Outcome: "explained"}, letters.Wish{Kind: letters.WishNoContact})
		file := stage(t, s, "2023-03", 50, sampleRow(2, 1, 101), sampleRow(3, 2, 102))
		held := func() (out []int) {
			must(t, s.PlanRows(t.Context(), "2023-03", []int64{file}, func(r letters.PlanRow) error {
				if slices.Contains(r.Held, letters.ReasonNoContact) {
					out = append(out, r.No)
				}
				return nil
			}))
			return out
		}
		if got := held(); len(got) != 0 {
			t.Errorf("held before 広報 decided: %v", got)
		}
		wishes, err := s.OpenWishes(t.Context())
		must(t, err)
		must(t, s.DecideWish(t.Context(), wishes[0].ID, true, "hana", "以後は送らない", 0))
		if got := held(); !slices.Equal(got, []int{2}) {
			t.Errorf("held rows %v, want row 2 alone", got)
		}
	})
}
