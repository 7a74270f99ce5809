package main

import (
	"context"
	"time"

	"oshirase/letters"
)

// waitJSON says what waits for whom: Who is prepare, approve, work, printer or
// decision; Since is the longest waiting letter's instant.
type waitJSON struct {
	Code  string    `json:"code"`
	Who   string    `json:"who"`
	Count int       `json:"count"`
	Since string    `json:"since,omitempty"`
	Why   []whyJSON `json:"why,omitempty"`

	Ahead int          `json:"ahead,omitempty"` // of them wait for their posting day,
	From  letters.Date `json:"from,omitempty"`  // the first of which this is
}

// whyJSON is how many of them wait for one reason.
type whyJSON struct {
	Reason letters.Reason `json:"reason"`
	Text   string         `json:"text"`
	Count  int            `json:"count"`
}

// waitsFor lists the states in which a letter waits, in the order of its life,
// with whom it waits for.
func waitsFor() []struct {
	state letters.State
	who   string
} {
	return []struct {
		state letters.State
		who   string
	}{
		{letters.HeldReview, "decision"}, {letters.Planned, "prepare"}, {letters.RenderFailed, "prepare"},
		{letters.Rendered, "approve"}, {letters.Approved, "approve"}, {letters.QueuedPrint, "work"},
		{letters.InPrintRun, "work"}, {letters.QueuedEmail, "work"}, {letters.Claimed, "work"},
		{letters.HandingOver, "work"}, {letters.Deferred, "work"}, {letters.HandedOver, "printer"},
		{letters.Uncertain, "decision"}, {letters.Returned, "decision"}, {letters.Withdrawn, "decision"},
		{letters.Bounced, "decision"}, {letters.Failed5xx, "decision"},
	}
}

// waiting lists what waits of a month, for whom, since when and why.
func (h *house) waiting(ctx context.Context, m letters.Month, states map[letters.State]int) ([]waitJSON, error) {
	since, err := h.store.WaitSince(ctx, m)
	if err != nil {
		return nil, err
	}
	out := []waitJSON{}
	ahead, err := h.store.MailsAhead(ctx, m, letters.DateOf(h.p.now()))
	if err != nil {
		return nil, err
	}
	for _, w := range waitsFor() {
		if states[w.state] == 0 {
			continue
		}
		wait := waitJSON{Code: string(w.state), Who: w.who, Count: states[w.state], Since: instant(since[w.state])}
		if w.state == letters.QueuedEmail {
			wait.Ahead, wait.From = ahead.Count, ahead.First
		}
		out = append(out, wait)
	}
	if states[letters.HeldReview] == 0 {
		return out, nil
	}
	holds, err := h.store.HeldFor(ctx, m)
	for _, hold := range holds {
		text, _ := h.set.Reason(hold.Reason)
		out[0].Why = append(out[0].Why, whyJSON{hold.Reason, text, hold.Count})
	}
	return out, err
}

// doingJSON is what is under way over all months.
type doingJSON struct {
	Proposals   []decisionJSON `json:"proposals"`         // wait for a second person
	Suggested   []suggestedSum `json:"suggestions"`       // wait for a first one
	NextRetry   string         `json:"next_retry"`        // of the deferred mails, "" = none
	PausedBy    string         `json:"mail_paused_by"`    // who has paused the mails, "" = nobody
	BrakedSince string         `json:"mail_braked_since"` // when the mails stopped by themselves, "" = they go
	RestoredOf  string         `json:"restored_of"`       // when the backup was taken that nobody has decided on, "" = none
	LastHour    []rateJSON     `json:"last_hour"`         // what was done
	Unsettled   []accountDays  `json:"unsettled_runs"`    // receipts are missing
	RunsSettled int            `json:"settled_runs"`
}

// suggestedSum is what the program proposes, by action and state.
type suggestedSum struct {
	Action letters.Action `json:"action"`
	State  letters.State  `json:"state"`
	Count  int            `json:"count"`
}

// rateJSON is how many letters have come to a state in the last hour.
type rateJSON struct {
	State letters.State `json:"state"`
	Count int           `json:"count"`
	Last  string        `json:"last"`
}

// accountDays is a run that is not settled, with the days since it was due.
type accountDays struct {
	accountJSON
	Days int `json:"days"`
}

// doing gathers what is under way. Runs are those of m, or all with "".
func (h *house) doing(ctx context.Context, m letters.Month) (doingJSON, error) {
	out := doingJSON{Proposals: []decisionJSON{}, Suggested: []suggestedSum{}, LastHour: []rateJSON{}, Unsettled: []accountDays{}}
	open, err := h.store.OpenDecisions(ctx)
	if err != nil {
		return out, err
	}
	for _, d := range open {
		out.Proposals = append(out.Proposals, decisionOf(d))
	}
	if out.Suggested, err = h.suggestedSums(ctx); err != nil {
		return out, err
	}
	next, err := h.store.NextRetry(ctx)
	if err != nil {
		return out, err
	}
	out.NextRetry = instant(next)
	if out.PausedBy, err = h.store.MailPausedBy(ctx); err != nil {
		return out, err
	}
	braked, err := h.store.MailBrakedSince(ctx)
	if err != nil {
		return out, err
	}
	out.BrakedSince = instant(braked)
	if restored, waits, err := h.store.Restored(ctx); err != nil {
		return out, err
	} else if waits {
		out.RestoredOf = instant(restored.TakenAt)
	}
	if out.LastHour, err = h.lastHour(ctx); err != nil {
		return out, err
	}
	return out, h.unsettled(ctx, m, &out)
}

func (h *house) suggestedSums(ctx context.Context) ([]suggestedSum, error) {
	all, err := h.store.Suggestions(ctx)
	sums := []suggestedSum{}
	at := make(map[suggestedSum]int)
	for _, s := range all {
		key := suggestedSum{Action: s.Action, State: s.State}
		i, ok := at[key]
		if !ok {
			i = len(sums)
			at[key] = i
			sums = append(sums, key)
		}
		sums[i].Count++
	}
	return sums, err
}

// lastHour counts what was made and what left.
func (h *house) lastHour(ctx context.Context) ([]rateJSON, error) {
	all, err := h.store.ArrivedSince(ctx, h.p.now().Add(-time.Hour))
	out := []rateJSON{}
	for _, a := range all {
		switch a.State {
		case letters.Rendered, letters.HandedOver, letters.Accepted, letters.Deferred, letters.Failed5xx, letters.Posted, letters.Returned, letters.Bounced:
			out = append(out, rateJSON{a.State, a.Count, instant(a.Last)})
		}
	}
	return out, err
}

func (h *house) unsettled(ctx context.Context, m letters.Month, out *doingJSON) error {
	accounts, err := h.store.RunAccounts(ctx, m)
	if err != nil {
		return err
	}
	today := letters.DateOf(h.p.now()).Time()
	for _, a := range accounts {
		row := accountOf(a)
		if row.Settled {
			out.RunsSettled++
			continue
		}
		days := max(0, int(today.Sub(a.PostOn.Time()).Hours()/24))
		out.Unsettled = append(out.Unsettled, accountDays{row, days})
	}
	return nil
}
