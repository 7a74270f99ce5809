package bounce

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"oshirase/letters"
)

var errMissing = errors.New("not there")

// book is a ledger of a few letters.
type book struct {
	all   map[letters.ID][]letters.Dispatch
	steps []letters.Step
}

func (b *book) Letter(_ context.Context, id letters.ID) (letters.Letter, []letters.Dispatch, error) {
	d, ok := b.all[id]
	if !ok {
		return letters.Letter{}, nil, errMissing
	}
	return letters.Letter{ID: id}, d, nil
}

func (b *book) Steps(_ context.Context, steps []letters.Step) error {
	for _, s := range steps {
		if err := letters.CheckTransition(s.From, s.To, s.Guard); err != nil {
			return err
		}
		d := &b.all[s.LetterID][s.Generation-1]
		if d.State != s.From || d.Token != s.Token {
			return letters.ErrConflict
		}
		d.State, d.Token = s.To, d.Token+1
		b.steps = append(b.steps, s)
	}
	return nil
}

const one = letters.ID("1000000000000053")

func standing(state letters.State) *book {
	return &book{all: map[letters.ID][]letters.Dispatch{one: {{LetterID: one, Generation: 1, Token: 7, Channel: letters.Email, State: state}}}}
}

func read(t *testing.T, b *book, messages ...string) []Finding {
	t.Helper()
	r := &Reader{Ledger: b, Reasons: newReasons(t), Domain: "example.jp", Actor: "reader", Missing: errMissing,
		Now: func() time.Time { return time.Unix(1_700_000_000, 0) }}
	var got []Finding
	for _, m := range messages {
		if err := r.Read(t.Context(), strings.NewReader(m), func(f Finding) error { got = append(got, f); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	return got
}

const bounced = "From: MAILER-DAEMON@example.jp\nSubject: failure notice\n\n550 5.1.1 user unknown\n\n" +
	"--- Below this line is a copy of the message.\n\nReceived: x\nMessage-ID: <1000000000000053.g1@example.jp>\nSubject: a\n"

func TestBounceIsBookedOnce(t *testing.T) {
	t.Parallel()
	b := standing(letters.Accepted)
	got := read(t, b, bounced, bounced)
	if got[0].Result != Proposed || got[1].Result != Again || len(b.steps) != 1 {
		t.Fatalf("%s, then %s, %d steps", got[0].Result, got[1].Result, len(b.steps))
	}
	s := b.steps[0]
	if s.To != letters.Bounced || s.Why != "user_unknown" || s.Ref != "hard user_unknown 5.1.1 message_id" {
		t.Errorf("step %+v", s)
	}
}

// TestWhichOfTwoMails: of a letter that was mailed twice a late answer to the
// first, with nothing but the number, says nothing of the second.
func TestWhichOfTwoMails(t *testing.T) {
	t.Parallel()
	const alone = "From: MAILER-DAEMON@example.jp\nSubject: failure notice\n\nuser unknown\nYour mail 1000-0000-0000-0053\n"
	for name, c := range map[string]struct {
		state   letters.State
		message string
		want    Result
		steps   int
	}{
		"the number alone":                 {letters.Accepted, alone, Unexpected, 0},
		"the number alone, and uncertain":  {letters.Uncertain, alone, Unexpected, 0},
		"the number alone, both came back": {letters.Bounced, alone, Again, 0},
		"the first":                        {letters.Accepted, bounced, Again, 0},
		"the second":                       {letters.Accepted, strings.ReplaceAll(bounced, ".g1@", ".g2@"), Proposed, 1},
	} {
		b := standing(letters.Superseded)
		b.all[one] = append(b.all[one], letters.Dispatch{LetterID: one, Generation: 2, Token: 9, Channel: letters.Email, State: c.state})
		if got := read(t, b, c.message); got[0].Result != c.want || len(b.steps) != c.steps {
			t.Errorf("%s: %s with %d steps, want %s with %d", name, got[0].Result, len(b.steps), c.want, c.steps)
		}
	}
}

func TestOnlyWhatIsCertainChanges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		state   letters.State
		message string
		want    Result
		steps   int
	}{
		"uncertain: it was accepted, or it could not have come back": {letters.Uncertain, bounced, Proposed, 2},
		"not sent yet":         {letters.QueuedEmail, bounced, Unexpected, 0},
		"closed":               {letters.Closed, bounced, Unexpected, 0},
		"paper already":        {letters.Superseded, bounced, Again, 0},
		"another domain":       {letters.Accepted, strings.ReplaceAll(bounced, "@example.jp", "@other.example"), OtherSystem, 0},
		"unknown letter":       {letters.Accepted, strings.ReplaceAll(bounced, "1000000000000053", "1000000000010044"), UnknownID, 0},
		"wrong check digits":   {letters.Accepted, strings.ReplaceAll(bounced, "1000000000000053", "1000000000000054"), OtherSystem, 0},
		"unknown generation":   {letters.Accepted, strings.ReplaceAll(bounced, ".g1@", ".g2@"), UnknownID, 0},
		"a reply from holiday": {letters.Accepted, "From: a@example.jp\nAuto-Submitted: auto-replied\nSubject: Out of office\nReferences: <1000000000000053.g1@example.jp>\n\nuser unknown\n", LeftAlone, 0},
		"the return address":   {letters.Accepted, "From: MAILER-DAEMON@example.jp\nTo: bounces+1000000000000053.g1@example.jp\nSubject: failure notice\n\nuser unknown\n", Proposed, 1},
		"the number alone":     {letters.Accepted, "From: MAILER-DAEMON@example.jp\nSubject: failure notice\n\nuser unknown\nYour mail 1000-0000-0000-0053\n", Proposed, 1},
		"another number":       {letters.Accepted, "From: MAILER-DAEMON@example.jp\nSubject: failure notice\n\nuser unknown\nticket 1000-0000-0001-0044\n", OtherSystem, 0},
	} {
		b := standing(c.state)
		got := read(t, b, c.message)
		if got[0].Result != c.want || len(b.steps) != c.steps {
			t.Errorf("%s: %s with %d steps, want %s with %d", name, got[0].Result, len(b.steps), c.want, c.steps)
		}
	}
}
