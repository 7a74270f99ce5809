package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"oshirase/batch/intake"
	"oshirase/letters"
	"oshirase/letters/postal"
	"oshirase/letters/readback"
)

func (p *program) cmdPostal() *cobra.Command {
	c := p.command("postal", nil)
	update := p.subcommand("postal", "update FILE...", func(cmd *cobra.Command, files []string) error {
		return p.withHome(cmd.Context(), func(h *house) error { return h.postalUpdate(cmd.Context(), files) })
	})
	update.Args = args(cobra.MinimumNArgs(1))
	c.AddCommand(update)
	return c
}

// postalJSON is what postal update reports.
type postalJSON struct {
	Changed bool              `json:"changed"` // false: the data in force were the same already
	Source  string            `json:"source"`
	Date    string            `json:"date"`
	Version string            `json:"version"`
	Rows    int               `json:"rows"`
	Added   int               `json:"codes_added"`
	Removed int               `json:"codes_removed"`
	Towns   int               `json:"codes_changed"`
	Codes   []string          `json:"codes"` // of all three, ascending
	Former  string            `json:"former,omitempty"`
	Months  []postalMonthJSON `json:"months"`
}

// postalMonthJSON is an open month with letters that the new data concern.
type postalMonthJSON struct {
	Month   letters.Month `json:"month"`
	Gained  []letters.ID  `json:"barcode_gained"`
	Lost    []letters.ID  `json:"barcode_lost"`
	Changed []letters.ID  `json:"barcode_changed"`
}

// postalUpdate is the command postal update. Everything is read and compared
// before anything is written.
func (h *house) postalUpdate(ctx context.Context, files []string) error {
	if err := h.noneApproved(ctx); err != nil {
		return err
	}
	old, err := h.towns()
	if err != nil {
		return err
	}
	data := old
	for _, name := range files {
		if data, err = h.newTowns(data, name); err != nil {
			return err
		}
	}
	c := old.Changes(data)
	out := postalJSON{Changed: data.Version() != old.Version(), Source: data.About().Source, Date: data.About().Date,
		Version: data.Version(), Rows: data.Len(), Added: len(c.Added), Removed: len(c.Removed), Towns: len(c.Changed),
		Codes: slices.Sorted(slices.Values(slices.Concat(c.Added, c.Removed, c.Changed))), Months: []postalMonthJSON{}}
	if !out.Changed {
		out.Source, out.Date = old.About().Source, old.About().Date
		return h.p.report("postal", out)
	}
	if out.Months, err = h.concerned(ctx, old, data); err != nil {
		return err
	}
	if out.Former, err = h.writeTowns(old, data); err != nil {
		return fmt.Errorf("write postal data: %w", err)
	}
	h.p.log.Info("postal data replaced", slog.String("version", out.Version), slog.Int("rows", out.Rows))
	return h.p.report("postal", out)
}

// noneApproved refuses new data while letters of an approved month are still
// to leave: their pages could not be made again as they were approved.
func (h *house) noneApproved(ctx context.Context) error {
	months, err := h.store.Months(ctx)
	if err != nil {
		return err
	}
	for _, m := range months {
		states, _, err := h.store.StateCounts(ctx, m.Month)
		if err != nil {
			return err
		}
		if m.State == letters.MonthApproved && states[letters.Approved]+waitingToLeave(states) > 0 {
			return fail(exitRefused, "postal_approved", errors.New("letters of an approved month wait"), string(m.Month))
		}
	}
	return nil
}

// newTowns puts the rows of one of Japan Post's files in the place of those of
// data.
func (h *house) newTowns(data *postal.Data, name string) (*postal.Data, error) {
	raw, err := h.p.readPostalFile(name)
	if err != nil {
		return nil, err
	}
	rows, offices, err := postal.ReadJapanPost(raw)
	if err == nil {
		about := aboutFile(data.About(), filepath.Base(name), offices)
		about.Date = string(letters.DateOf(h.p.now()))
		data, err = data.Replace(about, rows, offices)
	}
	if bad, ok := errors.AsType[*postal.FileError](err); ok {
		return nil, fail(exitProblems, "postal_"+string(bad.Fault), err, name, thousands(bad.Line))
	}
	return data, err
}

// aboutFile says where towns and offices come from when one of them is new.
func aboutFile(old postal.About, name string, offices bool) postal.About {
	towns, firms, two := strings.Cut(old.Source, " / ")
	if !two {
		firms = towns
	}
	if offices {
		firms = name
	} else {
		towns = name
	}
	return postal.About{Source: towns + " / " + firms}
}

// maxPostalFile bounds a file of Japan Post; the largest has some 20 MB.
const maxPostalFile = 128 << 20

// readPostalFile reads a CSV file, plain or in the ZIP in which it is given out.
func (p *program) readPostalFile(name string) ([]byte, error) {
	f, err := p.openKind(name, kindPostal, intake.KindZIP, intake.KindEmpty)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxPostalFile+1))
	switch {
	case err != nil:
		return nil, cannotOpen(name, err)
	case len(raw) > maxPostalFile:
		return nil, fail(exitProblems, "postal_size", readback.ErrTooLarge, name)
	case bytes.HasPrefix(raw, []byte("PK\x03\x04")):
		return unzipPostal(raw, name)
	}
	return raw, nil
}

// unzipPostal takes the one CSV file out of a ZIP, within the limits of readback.
func unzipPostal(raw []byte, name string) ([]byte, error) {
	zip, err := readback.OpenZIP(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, fail(exitProblems, "postal_zip", err, name)
	}
	var lists []string
	for _, entry := range zip.Names() {
		if strings.EqualFold(filepath.Ext(entry), ".csv") {
			lists = append(lists, entry)
		}
	}
	if len(lists) != 1 {
		return nil, fail(exitProblems, "postal_zip_entries", errors.New("not one CSV file"), name, thousands(len(lists)))
	}
	out, err := zip.Read(lists[0])
	if err != nil {
		return nil, fail(exitProblems, "postal_zip", err, name)
	}
	return out, nil
}
