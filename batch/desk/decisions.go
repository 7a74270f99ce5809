package desk

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"oshirase/letters"
)

// DecisionLedger keeps what two people decide.
type DecisionLedger interface {
	OpenDecisions(ctx context.Context) ([]letters.Decision, error)
	Suggestions(ctx context.Context) ([]letters.Suggestion, error)
	Decision(ctx context.Context, id int64) (letters.Decision, error)
	Undecided(ctx context.Context, state letters.State, m letters.Month) ([]letters.ID, error)
	Confirm(ctx context.Context, id int64, by string, at time.Time) (letters.Decision, error)
	WithdrawDecision(ctx context.Context, id int64, by string, at time.Time) error
}

// decisionsPage is what decisions.html gets.
type decisionsPage struct {
	Open      []openDecision
	Suggested []suggestedGroup
	Waiting   []waitingGroup
	Actions   []letters.Action
	Typed     typedProposal
}

// openDecision is a proposal as a person finds it.
type openDecision struct {
	letters.Decision
	Own  bool // made by this person, who cannot confirm it
	May  bool // the person may confirm, and here
	Rest int  // letters that are not listed
}

// suggestedGroup are letters that came back in one way, with what the program
// proposes.
type suggestedGroup struct {
	State   letters.State
	Action  letters.Action
	Address bool // another address is needed first, which comes with the command
	Letters []letters.ID
	Rest    int // that are not listed yet
}

// waitingGroup are letters in a state that only a decision leads out of.
type waitingGroup struct {
	State   letters.State
	Letters []letters.ID
	Rest    int
}

// typedProposal is the form as typed.
type typedProposal struct {
	Action  letters.Action
	Letters string
	Reason  string
}

const (
	decisionListed = 20     // letters shown of one proposal
	suggestListed  = 100    // letters offered at once
	decisionMost   = 10_000 // letters of one proposal
)

func decisionRoutes() []Route {
	both, approve := []letters.Role{letters.RolePrepare, letters.RoleApprove}, []letters.Role{letters.RoleApprove}
	return []Route{
		{Method: http.MethodGet, Path: "/decisions", Roles: both, Nav: "decisions", Serve: (*Desk).decisions},
		{Method: http.MethodPost, Path: "/decisions", Roles: both, Fresh: true, Serve: (*Desk).proposeLetters},
		{Method: http.MethodPost, Path: "/decisions/{id}/confirm", Roles: approve, Fresh: true, Serve: (*Desk).confirm},
		{Method: http.MethodPost, Path: "/decisions/{id}/withdraw", Roles: both, Serve: (*Desk).withdraw},
	}
}

func decisionViews() []view {
	return []view{{"decisions", decisionsPage{Open: []openDecision{{}}, Suggested: []suggestedGroup{{}}, Waiting: []waitingGroup{{}}}}}
}

func (d *Desk) decisions(v *Visit) error {
	page, err := d.decisionsPage(v)
	if err != nil {
		return err
	}
	return v.Show("decisions", page)
}

func (d *Desk) decisionsPage(v *Visit) (page decisionsPage, err error) {
	page.Actions = deskActions()
	open, err := d.o.Ledger.OpenDecisions(v.Context())
	if err != nil {
		return page, err
	}
	for _, o := range open {
		line := openDecision{Decision: o, Own: o.ProposedBy == v.User.Name, May: v.User.Role == letters.RoleApprove && o.Action != letters.ActResume}
		line.Letters, line.Rest = first(o.Letters)
		page.Open = append(page.Open, line)
	}
	suggested, err := d.o.Ledger.Suggestions(v.Context())
	if err != nil {
		return page, err
	}
	page.Suggested = grouped(suggested)
	for _, state := range []letters.State{letters.Uncertain, letters.HeldReview, letters.Withdrawn} {
		ids, err := d.o.Ledger.Undecided(v.Context(), state, "")
		if err != nil {
			return page, err
		}
		if len(ids) > 0 {
			listed, rest := first(ids)
			page.Waiting = append(page.Waiting, waitingGroup{state, listed, rest})
		}
	}
	return page, nil
}

// deskActions are those that are proposed at the desk. Going on after a
// restored backup (再開) is the command's: it reads the journal of its home.
func deskActions() []letters.Action {
	return slices.DeleteFunc(letters.Actions(), func(a letters.Action) bool { return a == letters.ActResume })
}

func first(ids []letters.ID) (listed []letters.ID, rest int) {
	n := min(len(ids), decisionListed)
	return ids[:n], len(ids) - n
}

// grouped puts suggestions of one state and action together, in the order in
// which they are met. What came back since its address is wrong stands apart:
// it cannot go there again.
func grouped(list []letters.Suggestion) []suggestedGroup {
	var out []suggestedGroup
	for _, s := range list {
		again := s.State == letters.Returned && s.Action == letters.ActResendPrint && letters.WrongAddress(s.Why)
		i := slices.IndexFunc(out, func(g suggestedGroup) bool { return g.State == s.State && g.Action == s.Action && g.Address == again })
		if i < 0 {
			i = len(out)
			out = append(out, suggestedGroup{State: s.State, Action: s.Action, Address: again})
		}
		if len(out[i].Letters) == suggestListed {
			out[i].Rest++
			continue
		}
		out[i].Letters = append(out[i].Letters, s.LetterID)
	}
	return out
}

// proposeLetters records this person's proposal; a fault comes back with the form as
// it was typed.
func (d *Desk) proposeLetters(v *Visit) error {
	typed := typedProposal{letters.Action(v.Form("action")), strings.Join(v.Forms("letters"), "\n"), v.Form("reason")}
	ids, wrong := v.typedIDs(typed.Letters)
	if !slices.Contains(deskActions(), typed.Action) {
		wrong = append(wrong, v.problem("decide_action", "decide_unknown"))
	}
	if typed.Reason == "" {
		wrong = append(wrong, v.problem("decide_reason", "reason_missing"))
	}
	if len(wrong) > 0 {
		return d.proposeAgain(v, typed, wrong)
	}
	p := letters.Proposal{Action: typed.Action, Reason: typed.Reason, By: v.User.Name}
	for _, id := range ids {
		p.Letters = append(p.Letters, letters.ProposedLetter{ID: id})
	}
	if err := v.Record("propose", "letters", string(p.Action)+" "+strconv.Itoa(len(ids)), "tried"); err != nil {
		return err
	}
	_, err := d.o.Steps.Propose(v.Context(), p)
	if told, ok := d.o.Refusal(err); err != nil && ok {
		return d.proposeAgain(v, typed, []Problem{v.problem("decide_letters", told.Key, told.Args...)})
	}
	if err != nil {
		return err
	}
	return v.Go("/decisions", "proposed")
}

func (d *Desk) proposeAgain(v *Visit, typed typedProposal, wrong []Problem) error {
	page, err := d.decisionsPage(v)
	if err != nil {
		return err
	}
	page.Typed = typed
	return v.Problems("decisions", page, wrong...)
}

// typedIDs reads letter IDs as people type and paste them, one a line or with
// commas between, each once.
func (v *Visit) typedIDs(text string) (ids []letters.ID, wrong []Problem) {
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune("\r\n,、;", r) }) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		id, err := letters.ParseID(line)
		if err != nil {
			wrong = append(wrong, v.problem("decide_letters", "bad_id", cutText(line, 30)))
			continue
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) == 0 && len(wrong) == 0 {
		wrong = append(wrong, v.problem("decide_letters", "decide_empty"))
	}
	if len(ids) > decisionMost {
		wrong = append(wrong, v.problem("decide_letters", "decide_many"))
	}
	return ids, wrong
}

func (d *Desk) confirm(v *Visit) error {
	id, err := v.number("id")
	if err != nil {
		return err
	}
	open, err := d.o.Ledger.Decision(v.Context(), id)
	if err != nil {
		return err
	}
	if open.Action == letters.ActResume {
		return refuse(http.StatusConflict, "decide_at_command")
	}
	if err := v.Record("confirm", strconv.FormatInt(id, 10), "", "tried"); err != nil {
		return err
	}
	if _, err := d.o.Ledger.Confirm(v.Context(), id, v.User.Name, d.o.Now()); err != nil {
		return err
	}
	return v.Go("/decisions", "confirmed")
}

func (d *Desk) withdraw(v *Visit) error {
	id, err := v.number("id")
	if err != nil {
		return err
	}
	if err := v.Record("withdraw", strconv.FormatInt(id, 10), "", "tried"); err != nil {
		return err
	}
	if err := d.o.Ledger.WithdrawDecision(v.Context(), id, v.User.Name, d.o.Now()); err != nil {
		return err
	}
	return v.Go("/decisions", "withdrawn")
}

// number reads a number of the path.
func (v *Visit) number(name string) (int64, error) {
	n, err := strconv.ParseInt(v.Path(name), 10, 64)
	if err != nil {
		return 0, refuse(http.StatusNotFound, "not_found")
	}
	return n, nil
}
