package fault

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ofOurs names what a program's dependencies have of the module, but for the
// program itself.
func ofOurs(program, deps string) []string {
	var out []string
	for _, path := range strings.Fields(deps) {
		if strings.HasPrefix(path, "oshirase/") && path != program {
			out = append(out, path)
		}
	}
	return out
}

// TestWitnessesImportNothingOfOurs: what checks the program shares no code
// with it.
func TestWitnessesImportNothingOfOurs(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"oshirase/batch/fault/witness", "oshirase/batch/fault/reader", "oshirase/batch/fault/printer"} {
		out, err := exec.Command("go", "list", "-deps", program).Output()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(out), program) {
			t.Fatalf("go list does not know %s", program)
		}
		if ours := ofOurs(program, string(out)); len(ours) > 0 {
			t.Errorf("%s imports %q", program, ours)
		}
	}
	planted := "fmt\noshirase/letters\noshirase/batch/fault/reader\n"
	if got := ofOurs("oshirase/batch/fault/reader", planted); !slices.Equal(got, []string{"oshirase/letters"}) {
		t.Errorf("of a planted import the check finds %q", got)
	}
}

// idle names the functions of a file that do anything but give back what they
// got.
func idle(f *ast.File) (busy []string) {
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || len(fn.Body.List) == 0 {
			continue
		}
		ret, ok := fn.Body.List[0].(*ast.ReturnStmt)
		if ok && len(ret.Results) == 1 {
			if _, name := ret.Results[0].(*ast.Ident); name {
				continue
			}
		}
		busy = append(busy, fn.Name.Name)
	}
	return busy
}

// TestNormalBuildHasNoFailpoints: the files that the normal build takes do
// nothing, and all others of the package need the tag.
func TestNormalBuildHasNoFailpoints(t *testing.T) {
	t.Parallel()
	for _, pkg := range []string{"letters/failpoint", "letters/disk"} {
		out, err := exec.Command("go", "list", "-f", `{{range .GoFiles}}{{.}} {{end}}| {{range .IgnoredGoFiles}}{{.}} {{end}}`, "oshirase/"+pkg).Output()
		if err != nil {
			t.Fatal(err)
		}
		taken, left, _ := strings.Cut(strings.TrimSpace(string(out)), "|")
		if !strings.Contains(left, "on.go") || strings.Contains(taken, "on.go") {
			t.Errorf("%s: the normal build takes %s and leaves %s", pkg, taken, left)
		}
		for _, name := range strings.Fields(taken) {
			if !strings.HasSuffix(name, "off.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(module(t), pkg, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, fn := range idle(f) {
				t.Errorf("%s/%s: %s does something in the normal build", pkg, name, fn)
			}
		}
	}
	f, err := parser.ParseFile(token.NewFileSet(), "planted.go", "package p\nfunc A(s string) {}\nfunc B(d int) int { return d }\nfunc C(s string) { println(s) }\n", 0)
	if err != nil {
		t.Fatal(err)
	}
	if busy := idle(f); !slices.Equal(busy, []string{"C"}) {
		t.Errorf("of planted functions the check finds %q", busy)
	}
}
