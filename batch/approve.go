package batch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"oshirase/letters"
)

// Refusals of approve and release.
var (
	ErrNotApproved  = errors.New("month is not approved")
	ErrStale        = errors.New("letters were rendered with another wording or renderer")
	ErrNothing      = errors.New("nothing to approve")
	ErrChanged      = errors.New("the letters are not those that the person saw")
	ErrPlaceholders = errors.New("placeholders of the incident are not filled or confirmed")
	ErrPostingDate  = errors.New("printed date is past or more than 14 days ahead")

	ErrApproverRenders = errors.New("who approved the month cannot prepare letters in it")
)

// ApproveLedger is what approve needs of the ledger.
type ApproveLedger interface {
	Month(ctx context.Context, m letters.Month) (letters.MonthInfo, error)
	BatchHash(ctx context.Context, m letters.Month) (hash string, n int, err error)
	Approve(ctx context.Context, m letters.Month, by, hash string, at time.Time) error
	AgainHash(ctx context.Context, m letters.Month) (hash string, n int, err error)
	ApproveAgain(ctx context.Context, m letters.Month, by, hash string, at time.Time) error
	OtherEdition(ctx context.Context, m letters.Month, states []letters.State, renderer, template string) ([]letters.Month, error)
}

// Edition is what pages follow from: the renderer, and with Template the wording,
// the postal data and the house's own faces in force.
type Edition struct{ Template, Renderer string }

// Approval is what an approval of a month's letters binds to.
type Approval struct {
	Hash    string
	Letters int
	Again   bool // the month is approved already: what was rendered since
}

// Approvable returns what an approval would bind to now. It is refused when
// the letters were made with another edition than the one in force. Of a
// month that is approved already it is what was rendered since: next
// generations, and letters that a decision let go.
func Approvable(ctx context.Context, l ApproveLedger, m letters.Month, now Edition) (Approval, error) {
	info, err := l.Month(ctx, m)
	if err != nil {
		return Approval{}, err
	}
	if info.State == letters.MonthApproved {
		return approvableAgain(ctx, l, m, now)
	}
	hash, n, err := l.BatchHash(ctx, m)
	if err != nil {
		return Approval{}, err
	}
	if n == 0 {
		return Approval{}, ErrNothing
	}
	if info.Template != now.Template || info.Renderer != now.Renderer {
		return Approval{}, ErrStale
	}
	return Approval{Hash: hash, Letters: n}, nil
}

func approvableAgain(ctx context.Context, l ApproveLedger, m letters.Month, now Edition) (Approval, error) {
	hash, n, err := l.AgainHash(ctx, m)
	if err != nil {
		return Approval{}, err
	}
	if n == 0 {
		return Approval{}, ErrMonthApproved
	}
	other, err := l.OtherEdition(ctx, m, []letters.State{letters.Rendered}, now.Renderer, now.Template)
	if err != nil {
		return Approval{}, err
	}
	if len(other) > 0 {
		return Approval{}, ErrStale
	}
	return Approval{Hash: hash, Letters: n, Again: true}, nil
}

// Approve binds the second person's approval to the content hashes of every
// letter that Approvable names. It returns the hash and the letters approved.
func Approve(ctx context.Context, l ApproveLedger, m letters.Month, by string, now Edition, at time.Time) (string, int, error) {
	a, err := Approvable(ctx, l, m, now)
	if err != nil {
		return "", 0, err
	}
	return a.Hash, a.Letters, bind(ctx, l, m, by, a, at)
}

// ApproveSeen is Approve for a person who saw what Approvable named a while
// ago: ErrChanged when it names another hash now.
func ApproveSeen(ctx context.Context, l ApproveLedger, m letters.Month, by, seen string, now Edition, at time.Time) error {
	a, err := Approvable(ctx, l, m, now)
	if err != nil {
		return err
	}
	if a.Hash != seen {
		return ErrChanged
	}
	return bind(ctx, l, m, by, a, at)
}

// bind stores the approval; the ledger compares the hash once more.
func bind(ctx context.Context, l ApproveLedger, m letters.Month, by string, a Approval, at time.Time) error {
	approve := l.Approve
	if a.Again {
		approve = l.ApproveAgain
	}
	if err := approve(ctx, m, by, a.Hash, at); err != nil {
		return fmt.Errorf("approve %s: %w", m, err)
	}
	return nil
}

// ReleaseOrder is one call of release; Expect nil means a dry run.
type ReleaseOrder struct {
	Month   letters.Month
	By      string
	Channel letters.Channel // "" = both
	Limit   int             // 0 = all
	PostOn  letters.Date    // "" = the printed date
	Expect  *int
}

// ReleaseLedger is what release needs of the ledger.
type ReleaseLedger interface {
	Month(ctx context.Context, m letters.Month) (letters.MonthInfo, error)
	Releasable(ctx context.Context, m letters.Month) (map[letters.Channel]int, error)
	ApprovedDates(ctx context.Context, m letters.Month) ([]letters.Date, error)
	OtherEdition(ctx context.Context, m letters.Month, states []letters.State, renderer, template string) ([]letters.Month, error)
	Release(ctx context.Context, m letters.Month, c letters.Channel, limit int, postOn letters.Date, by string, at time.Time) (int, error)
}

// ReleaseResult says what would leave, and what was queued.
type ReleaseResult struct {
	Print, Email int
	Queued       int
	Dry          bool
}

// Release queues approved letters for print and e-mail. Without Expect it is a
// dry run; with it the number must agree exactly. The printed date and the day
// of posting must both lie within today and two weeks on, in this order.
func Release(ctx context.Context, l ReleaseLedger, o ReleaseOrder, now Edition, at time.Time) (ReleaseResult, error) {
	info, err := l.Month(ctx, o.Month)
	if err != nil {
		return ReleaseResult{}, err
	}
	if info.State != letters.MonthApproved {
		return ReleaseResult{}, ErrNotApproved
	}
	other, err := l.OtherEdition(ctx, o.Month, []letters.State{letters.Approved}, now.Renderer, now.Template)
	if err != nil {
		return ReleaseResult{}, err
	}
	if len(other) > 0 {
		return ReleaseResult{}, ErrStale
	}
	res, err := leaving(ctx, l, o)
	if err != nil || o.Expect == nil {
		res.Dry = true
		return res, err
	}
	dates, err := l.ApprovedDates(ctx, o.Month)
	if err != nil {
		return res, err
	}
	if o.PostOn == "" && len(dates) > 0 {
		o.PostOn = slices.Max(dates)
	}
	if !postingHolds(dates, o.PostOn, letters.DateOf(at)) {
		return res, ErrPostingDate
	}
	if res.Print+res.Email != *o.Expect {
		return res, ErrExpectation
	}
	res.Queued, err = l.Release(ctx, o.Month, o.Channel, o.Limit, o.PostOn, o.By, at)
	return res, err
}

// leaving counts what the order would queue.
func leaving(ctx context.Context, l ReleaseLedger, o ReleaseOrder) (res ReleaseResult, err error) {
	n, err := l.Releasable(ctx, o.Month)
	if err != nil {
		return res, fmt.Errorf("count letters of %s: %w", o.Month, err)
	}
	if o.Channel == "" || o.Channel == letters.Print {
		res.Print = n[letters.Print]
	}
	if o.Channel == "" || o.Channel == letters.Email {
		res.Email = n[letters.Email]
	}
	if o.Limit > 0 {
		res.Print = min(res.Print, o.Limit)
		res.Email = min(res.Email, o.Limit-res.Print)
	}
	return res, nil
}

// postingHolds proves the day of posting against every printed date.
func postingHolds(printed []letters.Date, postOn, today letters.Date) bool {
	for _, d := range printed {
		if !postingDateHolds(d, today) || postOn < d {
			return false
		}
	}
	return len(printed) == 0 || postingDateHolds(postOn, today)
}

// postingDateHolds: a letter is not dated before it leaves, nor two weeks on.
func postingDateHolds(d, today letters.Date) bool {
	return d >= today && d <= today.AddDays(14)
}
