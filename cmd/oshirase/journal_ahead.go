package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"oshirase/batch/printing"
	"oshirase/letters"
	"oshirase/letters/journal"
	"oshirase/letters/store"
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
	again   []handedOver // tried before and still to leave: the tries must be counted
	runs    []string     // print runs
	other   bool         // another history altogether: the ledger's last line is not in the journal
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
	looked := make(map[handedOver]bool)
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
		case line.Letter != "":
			l := handedOver{letters.ID(line.Letter), line.Generation}
			if looked[l] {
				continue
			}
			looked[l] = true
			if err := a.letter(ctx, h.store, l); err != nil {
				return a, err
			}
		}
	}
	return a, h.countTries(ctx, since, &a)
}

// letter adds a mail whose hand-over the ledger has not begun.
func (a *ahead) letter(ctx context.Context, s *store.Store, l handedOver) error {
	_, dispatches, err := s.Letter(ctx, l.id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	i := slices.IndexFunc(dispatches, func(d letters.Dispatch) bool { return d.Generation == l.generation })
	switch {
	case i < 0 || dispatches[i].MessageID == "" && dispatches[i].State != letters.Uncertain:
		a.letters = append(a.letters, l)
	case dispatches[i].State.ToLeave():
		a.again = append(a.again, l)
	}
	return nil
}

// countTries adds the mails that the journal tried more often than the ledger
// knows: put off or queued again when the ledger stood still, they may have
// left since. Tries before the last resumption were settled by it.
func (h *house) countTries(ctx context.Context, since func(int64) iter.Seq2[journal.Line, error], a *ahead) error {
	if len(a.again) == 0 {
		return nil
	}
	from, err := h.store.ResumedAt(ctx)
	if err != nil {
		return err
	}
	tries := make(map[handedOver]int)
	for line, err := range since(0) {
		if err != nil {
			return fmt.Errorf("read journal: %w", err)
		}
		if line.Kind == journal.HandingOver && line.At > from {
			tries[handedOver{letters.ID(line.Letter), line.Generation}]++
		}
	}
	for _, l := range a.again {
		events, err := h.store.Events(ctx, l.id)
		if err != nil {
			return err
		}
		for _, e := range events {
			if e.Generation == l.generation && e.To == letters.HandingOver && e.Actor == h.worker() && e.At > from {
				tries[l]--
			}
		}
		if tries[l] > 0 {
			a.letters = append(a.letters, l)
		}
	}
	return nil
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
