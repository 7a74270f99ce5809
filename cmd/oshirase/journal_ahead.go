package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"oshirase/batch/printing"
	"oshirase/letters"
	"oshirase/letters/journal"
)

// knownHome is what the ledger knows of this home's journal.
type knownHome struct {
	n     uint64
	hash  string
	epoch string // under which the home last worked; "" = the ledger does not know the home
}

func (h *house) knownHome(ctx context.Context) (knownHome, error) {
	n, hash, epoch, _, err := h.store.Home(ctx, h.id)
	if err != nil {
		return knownHome{}, fmt.Errorf("read home: %w", err)
	}
	return knownHome{n, hash, epoch}, nil
}

// ahead is what left the house by the journal's account and has not begun by
// the ledger's.
type ahead struct {
	letters []handedOver
	runs    []string // print runs
	other   bool     // another history altogether: the ledger's last line is not in the journal
}

type handedOver struct {
	id         letters.ID
	generation int
}

func (a ahead) any() bool { return len(a.letters)+len(a.runs) > 0 || a.other }

// names lists the IDs for people, the first ten of each kind.
func (a ahead) names() string {
	var all []string
	for i, l := range a.letters {
		if i == 10 {
			all = append(all, "…")
			break
		}
		all = append(all, l.id.Groups())
	}
	all = append(all, a.runs[:min(10, len(a.runs))]...)
	if len(all) == 0 {
		return "-"
	}
	return strings.Join(all, " ")
}

// aheadOfLedger goes through the journal's lines from the last one that the
// ledger knows.
func (h *house) aheadOfLedger(ctx context.Context, since func(int64) iter.Seq2[journal.Line, error], known knownHome) (ahead, error) {
	var a ahead
	runs, err := h.runsKnown(ctx)
	if err != nil {
		return a, err
	}
	mails := make(map[handedOver]*mailStory)
	for line, err := range since(max(int64(known.n)-1, 0)) {
		if err != nil {
			return a, fmt.Errorf("read journal: %w", err)
		}
		switch {
		case line.N == int64(known.n):
			a.other = line.Hash != known.hash
		case line.Kind == journal.PrintRun:
			if !runs[line.Run] && !slices.Contains(a.runs, line.Run) {
				a.runs = append(a.runs, line.Run)
			}
		case line.Kind == journal.HandingOver:
			if err := h.compareMail(ctx, line, mails, &a); err != nil {
				return a, err
			}
		}
	}
	return a, nil
}

// mailStory is what the ledger tells of one generation of a letter.
type mailStory struct {
	events []letters.Event
	ahead  bool // the journal tells of more
}

// compareMail adds a mail whose hand-over the ledger has not begun.
func (h *house) compareMail(ctx context.Context, line journal.Line, mails map[handedOver]*mailStory, a *ahead) error {
	l := handedOver{letters.ID(line.Letter), line.Generation}
	if mails[l] == nil {
		events, err := h.store.Events(ctx, l.id)
		if err != nil {
			return err
		}
		mails[l] = &mailStory{events: events}
	}
	if of := mails[l]; !of.ahead && !ledgerHas(line, of.events, h.worker()) {
		of.ahead, a.letters = true, append(a.letters, l)
	}
	return nil
}

// ledgerHas reports whether the ledger has the very hand-over that a line of the
// journal tells of: an older ledger may know an earlier try of the same letter,
// which was deferred or given back. The line holds the number of its event;
// one without is of an earlier program.
func ledgerHas(line journal.Line, events []letters.Event, worker string) bool {
	return slices.ContainsFunc(events, func(e letters.Event) bool {
		return e.To == letters.HandingOver && e.Generation == line.Generation && e.Actor == worker &&
			(line.Dispatch == "" || line.Dispatch == strconv.Itoa(e.Seq))
	})
}

// runsKnown are the IDs of every print run in the ledger.
func (h *house) runsKnown(ctx context.Context) (map[string]bool, error) {
	months, err := h.store.Months(ctx)
	if err != nil {
		return nil, err
	}
	known := make(map[string]bool)
	for _, m := range months {
		runs, err := h.store.Runs(ctx, m.Month)
		if err != nil {
			return nil, err
		}
		for _, r := range runs {
			known[r.ID] = true
		}
	}
	return known, nil
}

// lettersOfRun reads from a run's folder which letters it holds.
func (h *house) lettersOfRun(run string) ([]handedOver, error) {
	raw, err := os.ReadFile(filepath.Join(h.printRoot(), run, "manifest.json"))
	if err != nil {
		return nil, err
	}
	var m printing.Run
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("manifest of %s: %w", run, err)
	}
	var out []handedOver
	for _, item := range m.Items {
		out = append(out, handedOver{item.LetterID, item.Generation})
	}
	return out, nil
}
