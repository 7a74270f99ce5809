package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"oshirase/letters"
	"oshirase/letters/postal"
)

// postalFile is the house's own postal data; without it the shipped data hold.
func (p *program) postalFile() string { return p.inHome("postal", "postal.tsv.gz") }

// writeTowns keeps the house's data of today under their version and puts the
// new ones in their place. Stopped at any point, one of the two is in force.
func (h *house) writeTowns(old, data *postal.Data) (former string, err error) {
	path := h.p.postalFile()
	if _, err := os.Stat(path); err == nil {
		former = filepath.Join(filepath.Dir(path), "former-"+old.Version()[:12]+".tsv.gz")
		if err := os.Link(path, former); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", err
		}
	}
	return former, writeFile(path, func(w io.Writer) error { _, err := data.WriteTo(w); return err })
}

// concerned lists the letters of open months whose barcode the new data
// change.
func (h *house) concerned(ctx context.Context, old, data *postal.Data) ([]postalMonthJSON, error) {
	months, err := h.store.Months(ctx)
	if err != nil {
		return nil, err
	}
	out := []postalMonthJSON{}
	states := []letters.State{letters.Planned, letters.HeldReview, letters.Rendered, letters.RenderFailed}
	for _, m := range months {
		if m.State == letters.MonthApproved {
			continue
		}
		found := postalMonthJSON{m.Month, []letters.ID{}, []letters.ID{}, []letters.ID{}}
		err := h.store.Letters(ctx, m.Month, states, func(l letters.Letter, _ letters.Dispatch) error {
			if l.Channel == letters.Print {
				found.compare(l, old, data)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read letters of %s: %w", m.Month, err)
		}
		if len(found.Gained)+len(found.Lost)+len(found.Changed) > 0 {
			out = append(out, found)
		}
	}
	return out, nil
}

func (m *postalMonthJSON) compare(l letters.Letter, old, data *postal.Data) {
	r := l.Recipient
	before, _ := old.Barcode(r.PostalCode, r.Address, r.Building)
	after, _ := data.Barcode(r.PostalCode, r.Address, r.Building)
	switch {
	case before.Bars == nil && after.Bars != nil:
		m.Gained = append(m.Gained, l.ID)
	case before.Bars != nil && after.Bars == nil:
		m.Lost = append(m.Lost, l.ID)
	case before.Code+before.Field != after.Code+after.Field:
		m.Changed = append(m.Changed, l.ID)
	}
}

// version names everything besides the renderer that a letter's pages follow
// from: the wording, the postal data, and the house's own faces. Approval
// binds to it.
func (h *house) version() (string, error) {
	if h.made != "" {
		return h.made, nil
	}
	towns, err := h.towns()
	if err != nil {
		return "", err
	}
	lib, err := h.faces()
	if err != nil {
		return "", err
	}
	v := h.set.Version() + "+postal:" + towns.Version()[:12]
	faces, own := sha256.New(), false
	for _, f := range lib.Faces() {
		if f.House() {
			sum := f.SHA256()
			faces.Write(sum[:])
			own = true
		}
	}
	if own {
		v += "+fonts:" + hex.EncodeToString(faces.Sum(nil))[:12]
	}
	h.made = v
	return v, nil
}
