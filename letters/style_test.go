package letters_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// source is one Go file of the module.
type source struct {
	name string // from the module's root
	fset *token.FileSet
	file *ast.File
}

func parsed(t *testing.T, name, text string) source {
	t.Helper()
	s := source{name: name, fset: token.NewFileSet()}
	var err error
	if s.file, err = parser.ParseFile(s.fset, name, text, parser.ParseComments); err != nil {
		t.Fatal(err)
	}
	return s
}

// sources reads every Go file of the module, whatever its build tags.
func sources(t *testing.T) (all []source) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil {
			all = append(all, parsed(t, strings.TrimPrefix(filepath.ToSlash(path), "../"), string(text)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (s source) test() bool { return strings.HasSuffix(s.name, "_test.go") }

func (s source) lines(n ast.Node) int {
	return s.fset.Position(n.End()).Line - s.fset.Position(n.Pos()).Line + 1
}

// under reports whether the file stands in one of the folders, or is one of
// the files.
func (s source) under(places ...string) bool {
	return slices.ContainsFunc(places, func(p string) bool { return s.name == p || strings.HasPrefix(s.name, p+"/") })
}

// tooLong names the file that is over 400 lines, tests 500, and functions over
// 50, tests 80. A table that is returned as it stands may be longer.
func tooLong(s source) (out []string) {
	most, each := 400, 50
	if s.test() {
		most, each = 500, 80
	}
	if n := s.fset.Position(s.file.FileEnd).Line; n > most {
		out = append(out, s.name+" is long")
	}
	for _, d := range s.file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if ok && s.lines(fn) > each && !table(fn) {
			out = append(out, s.name+": "+fn.Name.Name+" is long")
		}
	}
	return out
}

// table reports whether a function does nothing but return a composite literal.
func table(fn *ast.FuncDecl) bool {
	if fn.Body == nil || len(fn.Body.List) != 1 {
		return false
	}
	ret, ok := fn.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 {
		return false
	}
	_, ok = ret.Results[0].(*ast.CompositeLit)
	return ok
}

// readsJapanese are the files whose rules are about Japanese text as it comes
// in: how names, addresses and headings of mails are folded, told apart and
// broken into lines. Nobody reads these words; what people read stands in
// templates.
func readsJapanese() []string {
	return []string{"batch/fold.go", "batch/bounce/parts.go", "batch/desk/auditwords.go", "letters/caller.go", "letters/postal",
		"letters/text/class.go", "letters/text/itemize.go", "letters/text/joints.go",
		"batch/workbook/workbook.go"} // the name of a font
}

// japanese names the Japanese literals of a file outside tests.
func japanese(s source) (out []string) {
	if s.test() || s.under(readsJapanese()...) {
		return nil
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if ok && strings.ContainsFunc(lit.Value, func(r rune) bool {
			return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
		}) {
			out = append(out, s.name+": "+lit.Value)
		}
		return true
	})
	return out
}

// outside lists what only cmd may reach for, and test servers and the harness:
// clock, chance, environment, standard streams, exit.
func outside() map[string][]string {
	return map[string][]string{
		"time":         {"Now", "Since", "Until"},
		"os":           {"Args", "Environ", "Exit", "Getenv", "LookupEnv", "Setenv", "Stdin", "Stdout", "Stderr"},
		"math/rand":    nil,
		"math/rand/v2": nil,
		"log":          {"Fatal", "Fatalf", "Panic", "Panicf", "Print", "Printf", "Println"},
	}
}

// reaches names what a package of the program takes from outside by itself.
func reaches(s source) (out []string) {
	if s.test() || s.under("cmd", "batch/fault", "batch/printing/sftptest", "letters/archive/s3test", "letters/failpoint", "letters/postal/gen.go") {
		return nil
	}
	called := make(map[string][]string) // names of packages in this file
	for _, imp := range s.file.Imports {
		path, _ := strconv.Unquote(imp.Path.Value)
		names, watched := outside()[path]
		if watched && names == nil && !seeded(s, path) {
			out = append(out, s.name+": "+path)
		}
		if watched {
			called[filepath.Base(path)] = names
		}
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if pkg, ok := sel.X.(*ast.Ident); ok && slices.Contains(called[pkg.Name], sel.Sel.Name) {
				out = append(out, s.name+": "+pkg.Name+"."+sel.Sel.Name)
			}
		}
		return true
	})
	return out
}

// seeded is where chance comes from a seed that is passed in.
func seeded(s source, path string) bool {
	return path == "math/rand/v2" && s.under("batch/sample", "batch/email/backoff.go")
}

// globals names init functions and package-level variables without a value:
// state that any function may change. What the build sets is exempt.
func globals(s source) (out []string) {
	if s.test() || s.under("letters/failpoint") {
		return nil
	}
	for _, d := range s.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name == "init" {
				out = append(out, s.name+": init")
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok && d.Tok == token.VAR && v.Values == nil && !embedded(d.Doc) && !embedded(v.Doc) {
					out = append(out, s.name+": var "+v.Names[0].Name)
				}
			}
		}
	}
	return out
}

func embedded(doc *ast.CommentGroup) bool {
	return doc != nil && strings.HasPrefix(doc.List[len(doc.List)-1].Text, "//go:embed")
}

// wellKnown are methods whose contract is that of an interface of the library.
func wellKnown() []string {
	return []string{"Error", "Unwrap", "Is", "String", "Read", "Write", "WriteAt", "WriteTo", "Close", "Len", "Less", "Swap"}
}

// undocumented names exported types, functions and methods of exported types
// without a doc comment.
func undocumented(s source) (out []string) {
	if s.test() {
		return nil
	}
	for _, d := range s.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Doc == nil && d.Name.IsExported() && !slices.Contains(wellKnown(), d.Name.Name) && exportedReceiver(d) {
				out = append(out, s.name+": "+d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if ty, ok := spec.(*ast.TypeSpec); ok && ty.Name.IsExported() && d.Doc == nil && ty.Doc == nil {
					out = append(out, s.name+": "+ty.Name.Name)
				}
			}
		}
	}
	return out
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	t := d.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	id, ok := t.(*ast.Ident)
	return ok && id.IsExported()
}

func rules() map[string]func(source) []string {
	return map[string]func(source) []string{"length": tooLong, "Japanese": japanese, "outside": reaches,
		"globals": globals, "doc comment": undocumented}
}

func TestStyle(t *testing.T) {
	t.Parallel()
	all := sources(t)
	if len(all) < 300 {
		t.Fatalf("only %d files found", len(all))
	}
	documented := make(map[string]int)
	for _, s := range all {
		for name, rule := range rules() {
			for _, fault := range rule(s) {
				t.Errorf("%s: %s", name, fault)
			}
		}
		if dir := filepath.Dir(s.name); !s.test() && !s.under("letters/postal/gen.go") {
			documented[dir] += 0
			if s.file.Doc != nil {
				documented[dir]++
			}
		}
	}
	for dir, n := range documented {
		if n != 1 {
			t.Errorf("package %s has %d package comments, want 1", dir, n)
		}
	}
}

func TestStyleFindsPlantedFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rule, name, text, want string }{
		{"length", "batch/a.go", "package a\nfunc F() {" + strings.Repeat("\n", 50) + "}\n", "batch/a.go: F is long"},
		{"length", "batch/a.go", "package a" + strings.Repeat("\n", 401), "batch/a.go is long"},
		{"length", "batch/a_test.go", "package a\nfunc F() {" + strings.Repeat("\n", 80) + "}\n", "batch/a_test.go: F is long"},
		{"length", "batch/a.go", "package a\nfunc F() []int { return []int{" + strings.Repeat("\n", 60) + "} }\n", ""},
		{"Japanese", "batch/a.go", "package a\nconst c = \"手紙\"\n", `batch/a.go: "手紙"`},
		{"Japanese", "batch/a.go", "package a // 手紙\n", ""},
		{"Japanese", "batch/fold.go", "package a\nconst c = '様'\n", ""},
		{"outside", "batch/a.go", "package a\nimport \"time\"\nfunc f() time.Time { return time.Now() }\n", "batch/a.go: time.Now"},
		{"outside", "batch/a.go", "package a\nimport \"time\"\nfunc f() func() time.Time { return time.Now }\n", "batch/a.go: time.Now"},
		{"outside", "letters/a.go", "package a\nimport \"os\"\nfunc f() string { return os.Getenv(\"A\") }\n", "letters/a.go: os.Getenv"},
		{"outside", "letters/a.go", "package a\nimport \"math/rand/v2\"\nfunc f() int { return rand.Int() }\n", "letters/a.go: math/rand/v2"},
		{"outside", "cmd/oshirase/a.go", "package a\nimport \"time\"\nfunc f() time.Time { return time.Now() }\n", ""},
		{"globals", "batch/a.go", "package a\nfunc init() {}\n", "batch/a.go: init"},
		{"globals", "batch/a.go", "package a\nvar state map[string]int\n", "batch/a.go: var state"},
		{"globals", "batch/a.go", "package a\n//go:embed x.txt\nvar text string\n", ""},
		{"globals", "batch/a.go", "package a\nvar (\n//go:embed x.txt\ntext string\nn int\n)\n", "batch/a.go: var n"},
		{"outside", "batch/a.go", "package a\nimport \"log\"\nfunc f() { log.Println() }\n", "batch/a.go: log.Println"},
		{"doc comment", "batch/a.go", "package a\nfunc F() {}\n", "batch/a.go: F"},
		{"doc comment", "batch/a.go", "package a\ntype T struct{}\n", "batch/a.go: T"},
		{"doc comment", "batch/a.go", "package a\n// T is one.\ntype T int\nfunc (T) String() string { return \"\" }\n", ""},
	} {
		if got := strings.Join(rules()[c.rule](parsed(t, c.name, c.text)), "; "); got != c.want {
			t.Errorf("%s of %q: got %q, want %q", c.rule, c.text[:min(len(c.text), 60)], got, c.want)
		}
	}
}
