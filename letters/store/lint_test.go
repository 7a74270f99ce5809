package store

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// statements returns every constant of the package's own files whose name
// begins with sql, by name, and the string literals that hold SQL elsewhere.
func statements(t *testing.T) (consts map[string]string, loose []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	must(t, err)
	exprs := make(map[string]ast.Expr)
	inConst := make(map[*ast.BasicLit]bool)
	var all []*ast.BasicLit
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || name == "bulk.go" {
			continue
		}
		f, err := parser.ParseFile(gotoken.NewFileSet(), name, nil, 0)
		must(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				all = append(all, n)
			case *ast.GenDecl:
				collect(n, exprs, inConst)
			}
			return true
		})
	}
	consts = make(map[string]string)
	for name := range exprs {
		if strings.HasPrefix(name, "sql") {
			consts[name] = evaluate(t, exprs, exprs[name])
		}
	}
	for _, lit := range all {
		if text := lit.Value; !inConst[lit] && looksLikeSQL.MatchString(strings.Trim(text, "`\" \n\t")) {
			loose = append(loose, text)
		}
	}
	return consts, loose
}

var looksLikeSQL = regexp.MustCompile(`^(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|WITH|COPY|VACUUM|ALTER|TRUNCATE)\s`)

func collect(d *ast.GenDecl, exprs map[string]ast.Expr, inConst map[*ast.BasicLit]bool) {
	if d.Tok != gotoken.CONST {
		return
	}
	for _, spec := range d.Specs {
		v := spec.(*ast.ValueSpec)
		for i, name := range v.Names {
			if i < len(v.Values) {
				exprs[name.Name] = v.Values[i]
				ast.Inspect(v.Values[i], func(n ast.Node) bool {
					if lit, ok := n.(*ast.BasicLit); ok {
						inConst[lit] = true
					}
					return true
				})
			}
		}
	}
}

func evaluate(t *testing.T, exprs map[string]ast.Expr, e ast.Expr) string {
	t.Helper()
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		must(t, err)
		return s
	case *ast.BinaryExpr:
		return evaluate(t, exprs, e.X) + evaluate(t, exprs, e.Y)
	case *ast.Ident:
		return evaluate(t, exprs, exprs[e.Name])
	}
	t.Fatalf("constant of unknown form %T", e)
	return ""
}

var (
	literal    = regexp.MustCompile(`'[^']*'`)
	everything = regexp.MustCompile(`(SELECT|RETURNING|,)\s*\*|\w\.\*|COUNT\(\*\)`)
	aggregate  = regexp.MustCompile(`\b(COUNT|SUM)\(`)
)

// faults says what is wrong with a statement.
func faults(q string) []string {
	var out []string
	for _, text := range literal.FindAllString(q, -1) {
		if strings.ContainsAny(text, "?:") {
			out = append(out, "? or : in the literal "+text)
		}
	}
	if strings.Contains(q, "--") || strings.Contains(q, "/*") {
		out = append(out, "a comment")
	}
	if strings.Contains(literal.ReplaceAllString(q, ""), ":") {
		out = append(out, "a colon, which sqlx takes for a name")
	}
	if everything.MatchString(q) {
		out = append(out, "columns are not listed")
	}
	if bareAggregate(q) {
		out = append(out, "an aggregate is returned without CAST")
	}
	return out
}

// bareAggregate reports whether the statement returns a sum or count as the
// database types it.
func bareAggregate(q string) bool {
	head, _, found := strings.Cut(q, " FROM ")
	if !found || !strings.HasPrefix(q, "SELECT") {
		return false
	}
	return aggregate.MatchString(head) && !strings.Contains(head, "CAST(COUNT(") && !strings.Contains(head, "CAST(SUM(")
}

func TestStatementsAreWellFormed(t *testing.T) {
	t.Parallel()
	consts, loose := statements(t)
	if len(consts) < 100 {
		t.Fatalf("only %d statements found", len(consts))
	}
	for name, q := range consts {
		for _, fault := range faults(q) {
			t.Errorf("%s: %s", name, fault)
		}
	}
	for _, text := range loose {
		t.Errorf("SQL outside a constant: %s", text)
	}
}

func TestFaultsAreFound(t *testing.T) {
	t.Parallel()
	for _, q := range []string{
		`SELECT a FROM t WHERE b = 'really?'`, `SELECT a FROM t WHERE b = '12:30'`, `SELECT * FROM t`, `SELECT t.* FROM t`,
		"SELECT a -- what\nFROM t", `SELECT a::text FROM t`, `SELECT COUNT(a) FROM t`, `SELECT COUNT(*) FROM t`,
	} {
		if len(faults(q)) == 0 {
			t.Errorf("nothing found wrong with %s", q)
		}
	}
	if got := faults(`SELECT a, CAST(COUNT(b) AS BIGINT) FROM t WHERE c = 'd'`); len(got) != 0 {
		t.Errorf("a good statement: %v", got)
	}
}

func TestStatementsPrepareOnBothDatabases(t *testing.T) {
	t.Parallel()
	consts, _ := statements(t)
	for _, b := range bulks() {
		consts["bulk "+b.table()] = b.insertSQL()
	}
	onBoth(t, func(t *testing.T, s *Store) {
		tx, err := s.db.BeginTxx(t.Context(), nil)
		must(t, err)
		defer func() { must(t, tx.Rollback()) }()
		c := conn{x: tx, tx: tx, postgres: s.postgres, now: s.now}
		for name, q := range consts {
			if strings.HasPrefix(name, "sqlMake") {
				must(t, c.run(t.Context(), q))
			}
		}
		for _, name := range slices.Sorted(maps.Keys(consts)) {
			if foreign(name, s.postgres) || strings.HasPrefix(name, "sqlMake") {
				continue
			}
			if err := understood(t, c, consts[name]); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	})
}

func foreign(name string, postgres bool) bool {
	return strings.HasSuffix(name, "SQLite") && postgres || strings.HasSuffix(name, "Postgres") && !postgres
}

// understood has the database parse and plan a statement without running it.
func understood(t *testing.T, c conn, q string) error {
	t.Helper()
	if c.postgres {
		stmt, err := c.tx.PrepareContext(t.Context(), c.bind(q))
		if err == nil {
			err = stmt.Close()
		}
		return err
	}
	rows, err := c.tx.QueryContext(t.Context(), "EXPLAIN "+q, make([]any, strings.Count(q, "?"))...)
	if err != nil {
		return err
	}
	for rows.Next() {
		continue
	}
	return firstError(rows.Err(), rows.Close())
}
