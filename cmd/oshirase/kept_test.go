package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oshirase/batch/desk"
	"oshirase/letters"
	"oshirase/letters/store"
)

// keep makes a month whose letters' PDFs are kept, and returns its letters.
func (o *office) keep(month string, contracts, seed int) []letters.ID {
	o.t.Helper()
	lists := filepath.Join(o.home, "lists-"+month)
	o.ok("sample", "--contracts", fmt.Sprint(contracts), "--seed", fmt.Sprint(seed), "--out", lists)
	o.run("import", month, "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), filepath.Join(lists, "list.csv"))
	o.run("render", month, "--as", "hana", "--date", month+"-08", "--keep")
	var all []letters.ID
	o.ledger(func(s *store.Store) {
		err := s.Letters(o.t.Context(), letters.Month(month), []letters.State{letters.Rendered}, func(l letters.Letter, _ letters.Dispatch) error {
			all = append(all, l.ID)
			return nil
		})
		if err != nil || len(all) == 0 {
			o.t.Fatalf("%d letters made, %v", len(all), err)
		}
	})
	return all
}

// reword changes the wording, so that letters made before cannot be made again.
func (o *office) reword() {
	o.t.Helper()
	o.overlay("letters/letter.md", "深くお詫び申し上げます", "心よりお詫び申し上げます")
}

// readsBack holds what the command pdf and the desk's letter page give against
// the kept file: byte for byte, and nothing when it is altered or gone.
func (o *office) readsBack(id letters.ID, object string) {
	o.t.Helper()
	kept, err := os.ReadFile(object)
	if err != nil {
		o.t.Fatal(err)
	}
	out := o.ok("pdf", string(id), "--as", "hana", "--reason", "照会", "-o", filepath.Join(o.t.TempDir(), "again.pdf"), "--json")
	if !strings.Contains(out, `"archived"`) {
		o.t.Errorf("pages not from the archive: %s", out)
	}
	if body, err := o.pdfOf(id); err != nil || !bytes.Equal(body, kept) {
		o.t.Errorf("pdf gives %d bytes, kept are %d; %v", len(body), len(kept), err)
	}
	if body, err := o.deskPDF(id); err != nil || !bytes.Equal(body, kept) {
		o.t.Errorf("the desk gives %d bytes, kept are %d; %v", len(body), len(kept), err)
	}
	altered := bytes.Clone(kept)
	altered[len(altered)/2] ^= 1
	o.refusesKept(id, object, altered, "書いたときのものと違います", "archive_altered")
	o.refusesKept(id, object, kept[:len(kept)-1], "書いたときのものと違います", "archive_altered")
	o.refusesKept(id, object, nil, "保管もありません", "pages_gone")
	if err := os.WriteFile(object, kept, 0o600); err != nil {
		o.t.Fatal(err)
	}
}

// pdfOf types the command pdf and returns what it wrote.
func (o *office) pdfOf(id letters.ID) ([]byte, error) {
	to := filepath.Join(o.t.TempDir(), "letter.pdf")
	if code, _, errs := o.run("pdf", string(id), "--as", "hana", "--reason", "照会", "-o", to); code != 0 {
		return nil, fmt.Errorf("ended with %d: %s", code, errs)
	}
	return os.ReadFile(to)
}

// deskPDF is what the desk's letter page gives.
func (o *office) deskPDF(id letters.ID) ([]byte, error) {
	h := o.opened()
	pages, err := h.deskPages()
	if err != nil {
		return nil, err
	}
	l, dispatches, err := h.store.Letter(o.t.Context(), id)
	if err != nil {
		return nil, err
	}
	last := dispatches[len(dispatches)-1]
	var svg bytes.Buffer
	if err := pages.SVG(o.t.Context(), l, last, 1, &svg); err == nil || svg.Len() > 0 {
		return nil, errors.New("the desk draws pages that are not those that were made")
	}
	return pages.PDF(o.t.Context(), l, last)
}

// refusesKept puts other content, or nothing, in the place of a kept file.
func (o *office) refusesKept(id letters.ID, object string, content []byte, says, key string) {
	o.t.Helper()
	if err := os.Remove(object); err != nil {
		o.t.Fatal(err)
	}
	if content != nil {
		if err := os.WriteFile(object, content, 0o600); err != nil {
			o.t.Fatal(err)
		}
	}
	to := filepath.Join(o.t.TempDir(), "none.pdf")
	_, errs := o.ends(4, "pdf", string(id), "--as", "hana", "--reason", "照会", "-o", to)
	if !strings.Contains(errs, says) || strings.Count(strings.TrimSpace(errs), "\n") != 0 || there(to) {
		o.t.Errorf("says %q, want one sentence with %q and no file", errs, says)
	}
	body, err := o.deskPDF(id)
	if r, ok := errors.AsType[*desk.Refusal](err); !ok || r.Key != key || body != nil {
		o.t.Errorf("the desk: %v, want %s", err, key)
	}
}

// TestKeptLettersAreReadBack: from the folder of the home.
func TestKeptLettersAreReadBack(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	id := o.keep("2023-02", 12, 1)[0]
	o.reword()
	o.readsBack(id, filepath.Join(o.home, "archive", keptName("2023-02", id, 1)))
}
