package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"oshirase/letters"
	"oshirase/letters/readback"
)

// What a file is found to be.
const (
	verdictSame    = "same"     // every byte is as it was made
	verdictResaved = "resaved"  // other bytes, the same pages
	verdictAltered = "altered"  // ours, and not as it was made
	verdictNotOurs = "not_ours" // nothing here was made or taken in by this ledger
)

// knownJSON is what the ledger knows of a file with these bytes.
type knownJSON struct {
	Kind       string        `json:"kind"`
	Month      letters.Month `json:"month,omitempty"`
	Letter     letters.ID    `json:"letter,omitempty"`
	Generation int           `json:"generation,omitempty"`
	Run        string        `json:"run,omitempty"`
	Name       string        `json:"name,omitempty"`
	Retailer   string        `json:"retailer,omitempty"`
}

// verifyJSON is the answer of verify. It holds IDs and no personal data.
type verifyJSON struct {
	File    string       `json:"file"`
	SHA256  string       `json:"sha256"`
	Verdict string       `json:"verdict"`
	Known   []knownJSON  `json:"known"`
	Letters []letters.ID `json:"letters"`
	Faults  []pageFault  `json:"faults"`
}

func (p *program) cmdVerify() *cobra.Command {
	c := p.command("verify FILE", func(cmd *cobra.Command, given []string) error {
		return p.withHome(cmd.Context(), func(h *house) error { return h.verify(cmd.Context(), given[0]) })
	})
	c.Args = args(cobra.ExactArgs(1))
	return c
}

// verify is the command verify.
func (h *house) verify(ctx context.Context, path string) error {
	body, err := readWhole(path)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	out := verifyJSON{File: filepath.Base(path), SHA256: hex.EncodeToString(sum[:]),
		Known: []knownJSON{}, Letters: []letters.ID{}, Faults: []pageFault{}}
	if err := h.judge(ctx, body, &out); err != nil {
		return err
	}
	if err := h.p.report("verify", out); err != nil {
		return err
	}
	switch out.Verdict {
	case verdictAltered:
		return fail(exitRefused, "verify_altered", errors.New("the file is not as it was made"))
	case verdictNotOurs:
		return fail(exitProblems, "verify_not_ours", errors.New("the file is not known"))
	}
	return nil
}

// maxVerified is the largest file that is looked at.
const maxVerified = 1 << 30

func readWhole(path string) ([]byte, error) {
	f, err := openGiven(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read
	body, err := io.ReadAll(io.LimitReader(f, maxVerified+1))
	if err == nil && len(body) > maxVerified {
		err = readback.ErrTooLarge
	}
	if errors.Is(err, readback.ErrTooLarge) {
		return nil, fail(exitUsage, "file_large", err, path)
	}
	if err != nil {
		return nil, cannotOpen(path, err)
	}
	return body, f.settled()
}

// judge finds the verdict: by the bytes, then by the pages.
func (h *house) judge(ctx context.Context, body []byte, out *verifyJSON) error {
	known, err := h.known(ctx, out.SHA256)
	if err != nil {
		return err
	}
	if len(known) > 0 {
		out.Verdict, out.Known = verdictSame, known
		return nil
	}
	doc, err := readback.OpenCopy(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		out.Verdict = verdictNotOurs
		if bytes.HasPrefix(body, []byte(ourHeader)) {
			out.Verdict, out.Faults = verdictAltered, []pageFault{{What: "damaged"}}
		}
		return nil
	}
	lib, err := h.faces()
	if err != nil {
		return err
	}
	c, err := h.compare(ctx, readFound(doc, newGlyphCheck(lib)))
	if err != nil {
		return fmt.Errorf("verify %s: %w", out.File, err)
	}
	switch {
	case c.ours == 0:
		out.Verdict = verdictNotOurs
		return nil
	case len(c.faults) > 0:
		out.Verdict, out.Faults = verdictAltered, c.faults
	default:
		out.Verdict = verdictResaved
	}
	out.Letters = append(out.Letters, c.order...)
	return nil
}

// ourHeader begins every PDF that this program makes. It proves nothing; it
// tells a damaged file of ours from one that cannot be read.
const ourHeader = "%PDF-1.7\n%\xE5\xBE\xA1\xE7\x9F\xA5\n"

// known looks a file up among everything in the ledger, and among what
// manifests of print runs name.
func (h *house) known(ctx context.Context, sum string) ([]knownJSON, error) {
	list, err := h.store.Known(ctx, sum)
	if err != nil {
		return nil, err
	}
	out := []knownJSON{}
	for _, k := range list {
		out = append(out, knownJSON{k.Kind, k.Month, k.LetterID, k.Generation, k.Run, k.Name, k.Retailer})
	}
	if len(out) > 0 {
		return out, nil
	}
	return h.knownToRuns(ctx, sum)
}

// knownToRuns looks among the files of the print folders that are still here.
// A folder counts only when its manifest is the one that the ledger names.
func (h *house) knownToRuns(ctx context.Context, sum string) ([]knownJSON, error) {
	months, err := h.store.Months(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range months {
		runs, err := h.store.Runs(ctx, m.Month)
		if err != nil {
			return nil, err
		}
		for _, r := range runs {
			name, err := fileOfRun(filepath.Join(h.printRoot(), r.ID, "manifest.json"), r.Manifest, sum)
			if err != nil {
				return nil, err
			}
			if name != "" {
				return []knownJSON{{Kind: "run_file", Month: m.Month, Run: r.ID, Name: name}}, nil
			}
		}
	}
	return nil, nil
}

// fileOfRun returns the name of the run's file that has a hash, "" for none.
func fileOfRun(path, manifest, sum string) (string, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read manifest: %w", err)
	}
	if got := sha256.Sum256(raw); hex.EncodeToString(got[:]) != manifest {
		return "", nil
	}
	var m struct {
		Files []struct{ Name, SHA256 string }
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return "", errors.New("read manifest: not JSON")
	}
	for _, f := range m.Files {
		if f.SHA256 == sum {
			return f.Name, nil
		}
	}
	return "", nil
}
