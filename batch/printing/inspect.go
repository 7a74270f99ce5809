package printing

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"oshirase/letters"
)

// ErrManifest says that a folder's manifest is missing, cut off, or not the
// one its checksums name: nothing in the folder can be vouched for.
var ErrManifest = errors.New("manifest of the print run cannot be trusted")

// Difference is something in a folder that is not as its manifest says.
type Difference struct {
	File string
	What string // missing, changed, pages differ, unreadable, not listed
}

// Report is what Inspect found.
type Report struct {
	Run         Run
	Differences []Difference
	Standing    []letters.ID // letters whose print file is there, whole and with the approved pages
}

// Intact reports whether the folder is exactly what was handed over.
func (r Report) Intact() bool { return len(r.Differences) == 0 }

// Inspect reads a run's folder back: the manifest against the checksums,
// every file against the manifest, every page against its approved hash. It
// is how a crash between the folder's appearing and the ledger's commit is
// resolved: the letters of Standing are before the printer. A missing folder
// is os.ErrNotExist: then none of them is. ErrManifest means that nobody can
// tell.
func Inspect(dir string, pages Readback) (Report, error) {
	if _, err := os.Stat(dir); err != nil {
		return Report{}, err
	}
	run, sums, err := readManifest(dir)
	if err != nil {
		return Report{}, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	report := Report{Run: run}
	for _, f := range run.Files {
		if what := inspectFile(dir, f, run.in(f.Name), sums, pages); what != "" {
			report.Differences = append(report.Differences, Difference{f.Name, what})
			continue
		}
		for _, it := range run.in(f.Name) {
			report.Standing = append(report.Standing, it.LetterID)
		}
	}
	strangers, err := notListed(dir, run)
	report.Differences = append(report.Differences, strangers...)
	return report, err
}

func readManifest(dir string) (Run, map[string]string, error) {
	content, err := os.ReadFile(filepath.Join(dir, jsonName))
	if err != nil {
		return Run{}, nil, err
	}
	raw, err := os.ReadFile(filepath.Join(dir, sumsName))
	if err != nil {
		return Run{}, nil, err
	}
	sums, err := parseChecksums(raw)
	if err != nil {
		return Run{}, nil, err
	}
	sum, _, err := hashFile(filepath.Join(dir, jsonName))
	if err != nil || sums[jsonName] != sum {
		return Run{}, nil, errors.Join(err, errors.New("checksum differs"))
	}
	run, err := parseManifest(content)
	if err != nil || run.ID != filepath.Base(dir) {
		return Run{}, nil, errors.Join(err, errors.New("is of another run"))
	}
	run.Folder, run.Manifest = dir, sum
	return run, sums, nil
}

func parseManifest(content []byte) (Run, error) {
	var run Run
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	if err := d.Decode(&run); err != nil {
		return Run{}, errors.New("not a manifest") // a decoder's text may quote content
	}
	if run.Format != 1 || run.Letters != len(run.Items) {
		return Run{}, errors.New("not a manifest of format 1")
	}
	return run, nil
}

func inspectFile(dir string, f File, items []Item, sums map[string]string, pages Readback) string {
	path := filepath.Join(dir, f.Name)
	sum, size, err := hashFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "missing"
	case err != nil:
		return "unreadable"
	case sum != f.SHA256 || size != f.Size || sums[f.Name] != f.SHA256:
		return "changed"
	case len(items) == 0:
		return ""
	}
	read, err := pages.Pages(path)
	if err != nil {
		return "unreadable"
	}
	for i := range read {
		read[i].IDs = nil // looked at when the run was made, and the pages are those
	}
	if compare(read, items, f.Pages) != nil {
		return "pages differ"
	}
	return ""
}

// notListed names what does not belong to the run.
func notListed(dir string, run Run) ([]Difference, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var strangers []Difference
	for _, e := range entries {
		known := slices.ContainsFunc(run.Files, func(f File) bool { return f.Name == e.Name() })
		if !known && e.Name() != jsonName && e.Name() != sumsName {
			strangers = append(strangers, Difference{e.Name(), "not listed"})
		}
	}
	return strangers, nil
}
