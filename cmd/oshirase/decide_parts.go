package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"oshirase/batch"
	"oshirase/batch/intake"
	"oshirase/letters"
	"oshirase/letters/store"
)

// correctRecipients reads a list of corrected recipients into a proposal. Each
// line must be for one of its letters; an empty cell leaves what is there.
func (h *house) correctRecipients(ctx context.Context, path string, p *letters.Proposal) (err error) {
	known, err := h.p.openKind(path, kindAddresses)
	if err != nil {
		return err
	}
	if err := known.Close(); err != nil {
		return err
	}
	f, source, err := openList(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	t := &taking{h: h}
	if err := t.prepare(); err != nil {
		return err
	}
	list, report, err := intake.ReadAddresses(ctx, source.Name, f, source.Bytes, t.opt)
	if err != nil {
		return fmt.Errorf("read corrected recipients: %w", err)
	}
	if err := f.settled(); err != nil {
		return err
	}
	if len(report.Problems) > 0 {
		first := t.problems(report.Problems)[0]
		return fail(exitProblems, "recipients_problem", errors.New("list of recipients has problems"),
			fmt.Sprint(len(report.Problems)), fmt.Sprint(first.Row), first.Column, first.Reason)
	}
	at := make(map[letters.ID]int, len(p.Letters))
	for i, l := range p.Letters {
		at[l.ID] = i
	}
	for _, a := range list {
		i, ok := at[a.LetterID]
		if !ok {
			return fail(exitProblems, "recipients_other", errors.New("a recipient of a letter that is not proposed"), a.LetterID.Groups())
		}
		l, _, err := h.store.Letter(ctx, a.LetterID)
		if err != nil {
			return err
		}
		r := readdressed(l.Recipient, a)
		p.Letters[i].Recipient = &r
	}
	return nil
}

// readdressed lays a correction over a recipient. A new address takes its
// building along, so that no old one stays beside it.
func readdressed(r letters.Recipient, a intake.Address) letters.Recipient {
	if a.Name != "" {
		r.Name = a.Name
	}
	if a.Address != "" {
		r.PostalCode, r.Address, r.Building = a.PostalCode, a.Address, a.Building
	}
	if a.Mail != "" {
		r.Mail = a.Mail
	}
	return r
}

// noFolderStands refuses to queue a printed letter again while the folder of
// its run stands before the printer.
func (h *house) noFolderStands(ctx context.Context, ids []letters.ID) error {
	if h.cfg.Print.SFTPHost != "" {
		return nil // the printer sees its own server, not the folder here
	}
	for _, id := range ids {
		_, all, err := h.store.Letter(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue // Propose says so
		}
		if err != nil {
			return err
		}
		run := all[len(all)-1].RunID
		if run == "" {
			if run, err = h.runWith(id); err != nil {
				return err
			}
		}
		if run == "" {
			continue
		}
		if _, err := os.Stat(filepath.Join(h.printRoot(), run)); err == nil {
			return fail(exitRefused, "decide_folder", errors.New("the run's folder stands"), id.Groups(), run)
		}
	}
	return nil
}

// runWith finds the run whose folder holds a letter that the ledger knows no
// run of, as after a backup was restored; "" when none does.
func (h *house) runWith(id letters.ID) (string, error) {
	folders, err := os.ReadDir(h.printRoot())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	for _, f := range folders {
		in, err := h.lettersOfRun(f.Name())
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
			continue // no run's folder
		}
		if err != nil {
			return "", err
		}
		if slices.ContainsFunc(in, func(l handedOver) bool { return l.id == id }) {
			return f.Name(), nil
		}
	}
	return "", nil
}

// refusedDecision turns a refusal of the ledger into its sentence.
func (h *house) refusedDecision(a letters.Action, err error) error {
	word := h.p.words.label
	if l, ok := errors.AsType[*store.LetterError](err); ok {
		for reason, key := range map[error]string{store.ErrMoved: "decide_moved", store.ErrPending: "decide_pending",
			store.ErrNoAddress: "decide_no_address", store.ErrSameAddress: "decide_same_address",
			store.ErrNoMail: "decide_no_mail", store.ErrTold: "decide_told", store.ErrPurged: "decide_purged", letters.ErrTransition: "decide_action"} {
			if errors.Is(err, reason) {
				return fail(exitRefused, key, err, l.ID.Groups(), word("state_"+string(l.State)), word("action_"+string(a)))
			}
		}
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		return fail(exitFailed, "letter_unknown", err)
	case errors.Is(err, store.ErrDecided):
		return fail(exitRefused, "decide_decided", err)
	case errors.Is(err, store.ErrOwnProposal):
		return fail(exitRefused, "decide_own", err)
	case errors.Is(err, batch.ErrReasonPersonal):
		return fail(exitRefused, "reason_personal", err)
	case errors.Is(err, batch.ErrReasonEmpty):
		return fail(exitUsage, "decide_reason", err)
	case errors.Is(err, batch.ErrNoLetters):
		return fail(exitUsage, "decide_empty", err)
	}
	return err
}

// suggestionJSON is what the program proposes for a letter that came back.
type suggestionJSON struct {
	Letter letters.ID     `json:"letter"`
	Month  letters.Month  `json:"month"`
	State  letters.State  `json:"state"`
	Action letters.Action `json:"action"`
	Why    string         `json:"why,omitempty"`
	Since  string         `json:"since"`
}

func suggestionOf(s letters.Suggestion) suggestionJSON {
	return suggestionJSON{s.LetterID, s.Month, s.State, s.Action, s.Why, instant(s.MadeAt)}
}

// listDecisions says what waits for a second person, and what the program
// proposes.
func (h *house) listDecisions(ctx context.Context) error {
	open, err := h.store.OpenDecisions(ctx)
	if err != nil {
		return err
	}
	suggested, err := h.store.Suggestions(ctx)
	if err != nil {
		return err
	}
	out := struct {
		Proposals   []decisionJSON   `json:"proposals"`
		Suggestions []suggestionJSON `json:"suggestions"`
	}{[]decisionJSON{}, []suggestionJSON{}}
	for _, d := range open {
		out.Proposals = append(out.Proposals, decisionOf(d))
	}
	for _, s := range suggested {
		out.Suggestions = append(out.Suggestions, suggestionOf(s))
	}
	return h.p.report("decisions", out)
}
