package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"oshirase/batch"
	"oshirase/letters"
)

// decideFlags are the flags of decide.
type decideFlags struct {
	by, propose, reason, from, waiting, month, recipients string
	confirm, withdraw, list                               bool
	decision                                              int64
}

func (p *program) cmdDecide() *cobra.Command {
	var f decideFlags
	c := p.command("decide [ID…]", func(cmd *cobra.Command, given []string) error {
		if err := f.check(); err != nil {
			return err
		}
		return p.withHome(cmd.Context(), func(h *house) error { return h.decide(cmd.Context(), f, given) })
	})
	fl := c.Flags()
	fl.StringVar(&f.by, "as", "", p.words.flag("as"))
	fl.StringVar(&f.propose, "propose", "", p.words.flag("propose"))
	fl.StringVar(&f.reason, "reason", "", p.words.flag("decide_reason"))
	fl.StringVar(&f.from, "from", "", p.words.flag("from"))
	fl.StringVar(&f.waiting, "waiting", "", p.words.flag("waiting"))
	fl.StringVar(&f.month, "month", "", p.words.flag("month"))
	fl.StringVar(&f.recipients, "recipients", "", p.words.flag("recipients"))
	fl.BoolVar(&f.confirm, "confirm", false, p.words.flag("confirm"))
	fl.BoolVar(&f.withdraw, "withdraw", false, p.words.flag("withdraw"))
	fl.BoolVar(&f.list, "list", false, p.words.flag("list"))
	fl.Int64Var(&f.decision, "decision", 0, p.words.flag("decision"))
	return c
}

// check wants exactly one thing to do.
func (f *decideFlags) check() error {
	ways := 0
	for _, on := range []bool{f.propose != "", f.confirm, f.withdraw, f.list} {
		if on {
			ways++
		}
	}
	if ways != 1 {
		return fail(exitUsage, "decide_ways", errors.New("one of --propose, --confirm, --withdraw, --list"))
	}
	if f.propose != "" && !slices.Contains(letters.Actions(), letters.Action(f.propose)) {
		return fail(exitUsage, "decide_unknown", errors.New("no such action"), f.propose)
	}
	if f.waiting != "" && !slices.Contains(letters.States(), letters.State(f.waiting)) {
		return fail(exitUsage, "decide_state", errors.New("no such state"), f.waiting)
	}
	return nil
}

// decide is the command decide.
func (h *house) decide(ctx context.Context, f decideFlags, given []string) error {
	if f.list {
		return h.listDecisions(ctx)
	}
	roles := []letters.Role{letters.RoleApprove}
	if !f.confirm {
		roles = append(roles, letters.RolePrepare)
	}
	if err := h.p.signIn(ctx, h.store, f.by, roles...); err != nil {
		return err
	}
	ids, err := h.decideIDs(ctx, f, given)
	if err != nil {
		return err
	}
	if f.propose != "" {
		return h.proposeDecision(ctx, f, ids)
	}
	return h.settleDecisions(ctx, f, ids)
}

// decideIDs are the letters that are named, in a file or by their state too,
// each once.
func (h *house) decideIDs(ctx context.Context, f decideFlags, given []string) ([]letters.ID, error) {
	lines := given
	if f.from != "" {
		more, err := h.p.readLines(f.from)
		if err != nil {
			return nil, err
		}
		lines = append(lines, more...)
	}
	var ids []letters.ID
	for i, line := range lines {
		id, err := letters.ParseID(line)
		if err != nil { // what stands there may be a name
			return nil, fail(exitUsage, "bad_id_named", err, fmt.Sprint(i+1))
		}
		ids = append(ids, id)
	}
	if f.waiting != "" {
		var m letters.Month
		if f.month != "" {
			var err error
			if m, err = letters.ParseMonth(f.month); err != nil {
				return nil, err
			}
		}
		waiting, err := h.store.Undecided(ctx, letters.State(f.waiting), m)
		if err != nil {
			return nil, err
		}
		ids = append(ids, waiting...)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// readLines reads the lines of a file, or of standard input for "-", without
// empty ones and those that begin with #.
func (p *program) readLines(path string) ([]string, error) {
	var in io.Reader = p.in
	if path != "-" {
		f, err := p.openKind(path, kindNumbers)
		if err != nil {
			return nil, err
		}
		defer f.Close() // only read
		in = f
	}
	var lines []string
	s := bufio.NewScanner(in)
	for s.Scan() {
		if line := strings.TrimSpace(strings.TrimPrefix(s.Text(), "\ufeff")); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines, s.Err()
}

// decisionJSON is a proposal, or what became of it.
type decisionJSON struct {
	Decision    int64          `json:"decision"`
	Action      letters.Action `json:"action"`
	Reason      string         `json:"reason"`
	ProposedBy  string         `json:"proposed_by"`
	ProposedAt  string         `json:"proposed_at"`
	ConfirmedBy string         `json:"confirmed_by,omitempty"`
	ConfirmedAt string         `json:"confirmed_at,omitempty"`
	WithdrawnBy string         `json:"withdrawn_by,omitempty"`
	WithdrawnAt string         `json:"withdrawn_at,omitempty"`
	Count       int            `json:"count"`
	Letters     []letters.ID   `json:"letters"`
}

func decisionOf(d letters.Decision) decisionJSON {
	return decisionJSON{d.ID, d.Action, d.Reason, d.ProposedBy, instant(d.ProposedAt), d.ConfirmedBy, instant(d.ConfirmedAt),
		d.WithdrawnBy, instant(d.WithdrawnAt), len(d.Letters), append([]letters.ID{}, d.Letters...)}
}

// proposeDecision records the first person's word.
func (h *house) proposeDecision(ctx context.Context, f decideFlags, ids []letters.ID) error {
	p := letters.Proposal{Action: letters.Action(f.propose), Reason: f.reason, By: f.by}
	if p.Action == letters.ActResume {
		if len(ids) > 0 {
			return fail(exitUsage, "resume_ids", errors.New("the letters follow from the journal"))
		}
		var err error
		if ids, err = h.resumeLetters(ctx); err != nil {
			return err
		}
	}
	for _, id := range ids {
		p.Letters = append(p.Letters, letters.ProposedLetter{ID: id})
	}
	if f.recipients != "" {
		if err := h.correctRecipients(ctx, f.recipients, &p); err != nil {
			return err
		}
	}
	if p.Action == letters.ActNotReceived {
		if err := h.noFolderStands(ctx, ids); err != nil {
			return err
		}
	}
	id, err := batch.Propose(ctx, h.store, p, h.p.now())
	if err != nil {
		return h.refusedDecision(p.Action, err)
	}
	d, err := h.store.Decision(ctx, id)
	if err != nil {
		return err
	}
	return h.p.report("decide", decideJSON{Proposed: true, Decisions: []decisionJSON{decisionOf(d)}})
}

// decideJSON is what decide did.
type decideJSON struct {
	Proposed  bool           `json:"proposed"`
	Confirmed bool           `json:"confirmed"`
	Withdrawn bool           `json:"withdrawn"`
	Decisions []decisionJSON `json:"decisions"`
	Months    []string       `json:"months_to_render,omitempty"` // where a letter now waits for rendering
}

// settleDecisions is the second person's word, or the taking back of a
// proposal, over the proposals that cover the letters.
func (h *house) settleDecisions(ctx context.Context, f decideFlags, ids []letters.ID) error {
	open, err := h.coveringDecisions(ctx, f.decision, ids)
	if err != nil {
		return err
	}
	out := decideJSON{Confirmed: f.confirm, Withdrawn: f.withdraw, Decisions: []decisionJSON{}}
	for _, d := range open {
		if f.withdraw {
			err = h.store.WithdrawDecision(ctx, d.ID, f.by, h.p.now())
		} else {
			err = h.confirm(ctx, d, f.by)
		}
		if err != nil {
			return h.refusedDecision(d.Action, err)
		}
		if d, err = h.store.Decision(ctx, d.ID); err != nil {
			return err
		}
		out.Decisions = append(out.Decisions, decisionOf(d))
	}
	if f.confirm {
		if out.Months, err = h.toRender(ctx); err != nil {
			return err
		}
	}
	return h.p.report("decide", out)
}

// confirm carries one proposal out.
func (h *house) confirm(ctx context.Context, d letters.Decision, by string) error {
	if d.Action != letters.ActResume {
		_, err := h.store.Confirm(ctx, d.ID, by, h.p.now())
		return err
	}
	if err := h.mayResume(ctx, d); err != nil {
		return err
	}
	_, first, err := h.store.Restored(ctx)
	if err != nil {
		return err
	}
	if _, err := h.store.Confirm(ctx, d.ID, by, h.p.now()); err != nil {
		return err
	}
	return h.resumed(ctx, !first && len(d.Letters) == 0)
}

// coveringDecisions finds the open proposals over exactly these letters, or
// the one of that number. A proposal over a list is settled whole.
func (h *house) coveringDecisions(ctx context.Context, number int64, ids []letters.ID) ([]letters.Decision, error) {
	open, err := h.store.OpenDecisions(ctx)
	if err != nil {
		return nil, err
	}
	var found []letters.Decision
	covered := make(map[letters.ID]bool)
	for _, d := range open {
		named := 0
		for _, id := range d.Letters {
			if slices.Contains(ids, id) {
				named++
				covered[id] = true
			}
		}
		if named > 0 && named < len(d.Letters) && d.ID != number {
			return nil, fail(exitRefused, "decide_part", errors.New("a proposal is settled whole"), fmt.Sprint(d.ID), thousands(len(d.Letters)))
		}
		if named > 0 || d.ID == number {
			found = append(found, d)
		}
	}
	for _, id := range ids {
		if !covered[id] {
			return nil, fail(exitRefused, "decide_none", fmt.Errorf("letter %s: no proposal waits", id), id.Groups())
		}
	}
	if len(found) == 0 {
		return nil, fail(exitRefused, "decide_none", errors.New("no proposal waits"), fmt.Sprint(number))
	}
	return found, nil
}

// toRender names the approved months in which letters wait for rendering.
func (h *house) toRender(ctx context.Context) ([]string, error) {
	months, err := h.store.Months(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, m := range months {
		states, _, err := h.store.StateCounts(ctx, m.Month)
		if err != nil {
			return nil, err
		}
		if states[letters.Planned] > 0 {
			out = append(out, string(m.Month))
		}
	}
	return out, nil
}
