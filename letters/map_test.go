package letters_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// packageMap is the table of the architecture: what each package of the module
// may import of ours. A package that is not in it does not belong here.
// cmd joins everything.
func packageMap() map[string][]string {
	return map[string][]string{
		"letters":             {},
		"letters/text":        {"letters", "templates"},
		"letters/pdf":         {"letters", "letters/text", "fonts"},
		"letters/postal":      {"letters"},
		"letters/store":       {"letters", "letters/failpoint"},
		"letters/backup":      {},
		"letters/archive":     {"letters", "letters/disk"},
		"letters/journal":     {"letters", "letters/disk"},
		"letters/disk":        {"letters/failpoint"},
		"letters/failpoint":   {},
		"letters/audit":       {"letters"},
		"letters/readback":    {},
		"batch":               {"letters", "batch/figures"},
		"batch/intake":        {"letters"},
		"batch/figures":       {"letters"},
		"batch/metrics":       {"letters"},
		"batch/printing":      {"letters", "letters/text", "letters/disk", "letters/failpoint"},
		"batch/email":         {"letters", "letters/text", "letters/failpoint"},
		"batch/bounce":        {"letters"},
		"batch/packets":       {"letters", "letters/text", "batch/workbook"},
		"batch/workbook":      {},
		"batch/sample":        {"letters"},
		"batch/desk":          {"letters", "templates"},
		"templates":           {"letters"},
		"fonts":               {},
		"cmd/oshirase":        nil, // everything
		"batch/fault":         {},  // its tests use the program as it is built
		"batch/fault/witness": {},
		"batch/fault/reader":  {},
		"batch/fault/printer": {},

		"batch/printing/sftptest": {}, // for tests alone
		"letters/archive/s3test":  {},
	}
}

// listed is what go list says of a package.
type listed struct {
	ImportPath string
	Imports    []string
}

// violations names every import that the map does not allow, and every
// package that it does not know.
func violations(module string, packages []listed) []string {
	allowed := packageMap()
	var out []string
	for _, p := range packages {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		may, known := allowed[name]
		if !known {
			out = append(out, fmt.Sprintf("%s is not in the table", name))
			continue
		}
		for _, path := range p.Imports {
			other, ours := strings.CutPrefix(path, module+"/")
			if ours && may != nil && !slices.Contains(may, other) {
				out = append(out, fmt.Sprintf("%s imports %s", name, other))
			}
		}
	}
	return out
}

// goList reads every package of the module, without its tests.
func goList(t *testing.T) (module string, packages []listed) {
	t.Helper()
	name, err := exec.CommandContext(t.Context(), "go", "list", "-m").Output()
	if err != nil {
		t.Fatalf("go list -m: %v", err)
	}
	module = strings.TrimSpace(string(name))
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return module, packages
		case err != nil:
			t.Fatalf("read go list: %v", err)
		}
		packages = append(packages, p)
	}
}

func TestImportsHoldToTheMap(t *testing.T) {
	t.Parallel()
	module, packages := goList(t)
	if len(packages) < 15 {
		t.Fatalf("go list names %d packages only", len(packages))
	}
	for _, v := range violations(module, packages) {
		t.Error(v)
	}
}

func TestMapCheckFindsPlantedFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		planted listed
		want    string
	}{
		{listed{"m/letters", []string{"fmt", "m/letters/store"}}, "letters imports letters/store"},
		{listed{"m/letters/readback", []string{"m/letters"}}, "letters/readback imports letters"},
		{listed{"m/batch", []string{"m/letters", "m/batch/figures", "m/batch/intake"}}, "batch imports batch/intake"},
		{listed{"m/common", nil}, "common is not in the table"},
		{listed{"m/cmd/other", nil}, "cmd/other is not in the table"},
	} {
		if got := violations("m", []listed{c.planted}); !slices.Equal(got, []string{c.want}) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	sound := listed{"m/cmd/oshirase", []string{"m/letters/store", "m/batch/packets", "fmt"}}
	if got := violations("m", []listed{sound}); len(got) != 0 {
		t.Errorf("cmd may import everything, got %q", got)
	}
}
