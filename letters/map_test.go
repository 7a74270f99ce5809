package letters_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mapRow is a row of the architecture's table of packages: the package, one
// sentence, and what it may import of ours.
var mapRow = regexp.MustCompile(`(?m)^\| ([a-z0-9/]+) \| [^|]+ \| ([^|]+) \|$`)

// packageMap reads the table: what each package of the module imports of ours,
// nil for one that may import everything.
func packageMap(page string) map[string][]string {
	table := make(map[string][]string)
	for _, row := range mapRow.FindAllStringSubmatch(page, -1) {
		switch row[2] {
		case "may import (ours)": // the heading
		case "everything":
			table[row[1]] = nil
		case "–":
			table[row[1]] = []string{}
		default:
			table[row[1]] = strings.Split(row[2], ", ")
		}
	}
	return table
}

func architecture(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// listed is what go list says of a package.
type listed struct {
	ImportPath string
	Imports    []string
}

// violations holds packages against the table: an import that it does not
// allow, one that it allows and nobody uses, and a package that stands in one
// of the two alone.
func violations(module string, packages []listed, table map[string][]string) (out []string) {
	missing := maps.Clone(table)
	for _, p := range packages {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		may, known := table[name]
		if !known {
			out = append(out, fmt.Sprintf("%s is not in the table", name))
			continue
		}
		delete(missing, name)
		unused := slices.Clone(may)
		for _, path := range p.Imports {
			other, ours := strings.CutPrefix(path, module+"/")
			if ours && may != nil && !slices.Contains(may, other) {
				out = append(out, fmt.Sprintf("%s imports %s", name, other))
			}
			unused = slices.DeleteFunc(unused, func(s string) bool { return s == other })
		}
		for _, other := range unused {
			out = append(out, fmt.Sprintf("%s does not import %s", name, other))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(missing)) {
		out = append(out, fmt.Sprintf("%s is no package", name))
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
	for _, v := range violations(module, packages, packageMap(architecture(t))) {
		t.Error(v)
	}
}

func TestMapCheckFindsPlantedFaults(t *testing.T) {
	t.Parallel()
	table := packageMap("| package | one sentence | may import (ours) |\n|---|---|---|\n" +
		"| letters | nouns | – |\n| letters/store | the ledger | letters, letters/failpoint |\n| cmd/oshirase | wiring | everything |\n")
	sound := []listed{{"m/letters", []string{"fmt"}}, {"m/letters/store", []string{"m/letters", "m/letters/failpoint", "sort"}},
		{"m/cmd/oshirase", []string{"m/letters/store", "m/letters"}}}
	if got := violations("m", sound, table); len(got) != 0 {
		t.Errorf("a sound module: %q", got)
	}
	for i, c := range []struct {
		planted listed
		want    string
	}{
		{listed{"m/letters", []string{"fmt", "m/letters/store"}}, "letters imports letters/store"},
		{listed{"m/letters/store", []string{"m/letters"}}, "letters/store does not import letters/failpoint"},
		{listed{"m/common", nil}, "common is not in the table"},
	} {
		faulty := append(slices.Clone(sound), c.planted)
		if i < 2 {
			faulty[i] = c.planted
			faulty = faulty[:len(sound)]
		}
		if got := violations("m", faulty, table); !slices.Equal(got, []string{c.want}) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if got := violations("m", sound[1:], table); !slices.Equal(got, []string{"letters is no package"}) {
		t.Errorf("a package that is gone: %q", got)
	}
}

// place is a folder or file as pages name them; a bare file name stands in the
// folder that was named last.
var place = regexp.MustCompile(`\b(?:letters|batch|fonts|templates|cmd)(?:/[A-Za-z0-9_*]+)*(?:\.[a-z0-9]+)?|\b[a-z0-9_*]+\.(?:go|txt|toml)\b`)

// gone names the files and folders of a page that do not exist.
func gone(page, root string) (out []string) {
	folder := ""
	for _, name := range place.FindAllString(page, -1) {
		for _, path := range []string{name, folder + "/" + name} {
			found, err := filepath.Glob(filepath.Join(root, path))
			if err != nil || len(found) == 0 {
				continue
			}
			name = ""
			if info, err := os.Stat(found[0]); err == nil && info.IsDir() {
				folder = path
			} else {
				folder = filepath.Dir(path)
			}
			break
		}
		if strings.Contains(name, ".go") || strings.Contains(name, "/") {
			out = append(out, name)
		}
	}
	return out
}

// TestArchitectureNamesWhatIsThere: a file or folder that was renamed is
// renamed in the page too.
func TestArchitectureNamesWhatIsThere(t *testing.T) {
	t.Parallel()
	for _, name := range gone(architecture(t), "..") {
		t.Errorf("ARCHITECTURE.md names %s, which is not there", name)
	}
	planted := "`letters/state.go` and state.go, letters/store with migrate.go; `letters/edges.go`, batch/email/none_test.go, journal.go and letters/nowhere."
	if got := gone(planted, ".."); !slices.Equal(got, []string{"letters/edges.go", "batch/email/none_test.go", "journal.go", "letters/nowhere"}) {
		t.Errorf("of planted names the check finds %q", got)
	}
}
