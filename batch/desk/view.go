package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"oshirase/letters"
	"oshirase/templates"
)

// view names a template of templates/desk and a value of its data, with which
// it is tried at start.
type view struct {
	name string
	data any
}

func allViews() []view {
	return slices.Concat(signInViews(), signOnViews(), homeViews(), monthViews(), decisionViews(), adminViews(), auditViews(), accountViews(), errorViews(),
		callViews(), supervisionViews(), retailerViews())
}

// views are the parsed pages and the files beside them.
type views struct {
	pages  map[string]*template.Template
	style  file
	script file
}

// file is a style sheet or script, under a path that changes with it.
type file struct {
	path string
	kind string
	body []byte
}

const folder = "desk"

// readViews parses every page over layout and parts, and tries each.
func readViews(set *templates.Set, w words) (*views, error) {
	out := &views{pages: map[string]*template.Template{}}
	var err error
	if out.style, err = readFile(set, "desk.css", "text/css; charset=utf-8"); err != nil {
		return nil, err
	}
	if out.script, err = readFile(set, "desk.js", "text/javascript; charset=utf-8"); err != nil {
		return nil, err
	}
	for _, v := range allViews() {
		t, err := parse(set, w, "layout.html", "parts.html", "inquiry.html", v.name+".html")
		if err != nil {
			return nil, err
		}
		if err := t.ExecuteTemplate(io.Discard, "layout", frame{Page: v.data}); err != nil {
			return nil, fmt.Errorf("template desk/%s.html: %w", v.name, err)
		}
		out.pages[v.name] = t
	}
	return out, nil
}

func (v *views) page(name string) (*template.Template, error) {
	if t, ok := v.pages[name]; ok {
		return t, nil
	}
	return nil, fmt.Errorf("no template desk/%s.html among the views", name)
}

func readFile(set *templates.Set, name, kind string) (file, error) {
	b, err := set.File(folder + "/" + name)
	if err != nil {
		return file{}, err
	}
	sum := sha256.Sum256(b)
	base, ext, _ := strings.Cut(name, ".")
	return file{"/static/" + base + "-" + hex.EncodeToString(sum[:6]) + "." + ext, kind, b}, nil
}

func parse(set *templates.Set, w words, names ...string) (*template.Template, error) {
	t := template.New("").Option("missingkey=error").Funcs(funcs(set, w))
	for _, name := range names {
		b, err := set.File(folder + "/" + name)
		if err != nil {
			return nil, err
		}
		if _, err := t.New(name).Parse(string(b)); err != nil {
			return nil, fmt.Errorf("template desk/%s: %w", name, err)
		}
	}
	return t, nil
}

// funcs are what pages may call: words by group and code, numbers, instants
// and dates as they are read, and a letter ID in groups of four.
func funcs(set *templates.Set, w words) template.FuncMap {
	return template.FuncMap{
		"word":      func(group string, code any) string { return set.Words().Get(group, fmt.Sprint(code)) },
		"label":     func(group string, code any) string { return w.label(group, fmt.Sprint(code)) },
		"say":       w.say,
		"tell":      w.tell,
		"num":       counted,
		"when":      func(us int64) string { return instant(set, us) },
		"moment":    func(us int64) string { return instant(set, us) + time.UnixMicro(us).Format(":05") },
		"date":      func(d letters.Date) string { return set.Date(d) },
		"month":     func(m letters.Month) string { return set.Month(m) },
		"postcode":  hyphened,
		"numbers":   func(s *spoken) string { return w.numbers(set, s) },
		"id":        func(id letters.ID) string { return id.Groups() },
		"code":      w.code,
		"groups":    func(number string) string { return letters.ID(number).Groups() },
		"isHash":    isHash,
		"object":    func(object string) string { return w.object(set, object) },
		"reason":    w.reason,
		"add":       func(a, b int) int { return a + b },
		"minus":     func(a, b int) int { return a - b },
		"signed":    signed,
		"kilobytes": func(n int64) int { return int(n+1023) / 1024 },
	}
}

// counted writes a count, of rows or of the chain's records.
func counted(n any) string {
	if long, ok := n.(int64); ok {
		return thousands(int(long))
	}
	short, _ := n.(int)
	return thousands(short)
}

// thousands writes 44855 as 44,855.
func thousands(n int) string {
	s := strconv.Itoa(n)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(s) - 3; i > start; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// signed writes a difference with its sign.
func signed(n int) string {
	if n > 0 {
		return "+" + thousands(n)
	}
	return thousands(n)
}

// instant writes an instant as people read it, in Japan, to the minute. Its
// date has the form of every other date.
func instant(set *templates.Set, us int64) string {
	if us == 0 {
		return ""
	}
	at := time.UnixMicro(us).In(letters.Tokyo())
	return set.Date(letters.DateOf(at)) + at.Format(" 15:04")
}

// hyphened writes a postcode of seven digits as 810-0001.
func hyphened(postcode string) string {
	if len(postcode) != 7 {
		return postcode
	}
	return postcode[:3] + "-" + postcode[3:]
}

func staticRoutes() []Route {
	return []Route{{Method: http.MethodGet, Path: "/static/{name}", Public: true, Serve: (*Desk).static}}
}

// static gives style sheet and script. Their paths change with their content,
// so browsers may keep them.
func (d *Desk) static(v *Visit) error {
	for _, f := range []file{d.views.style, d.views.script} {
		if v.r.URL.Path == f.path {
			v.w.Header().Set("Content-Type", f.kind)
			v.w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			_, _ = v.w.Write(f.body)
			return nil
		}
	}
	return refuse(http.StatusNotFound, "not_found")
}

// isHash reports whether a record's object is the hex SHA-256 of a file.
func isHash(object string) bool {
	raw, err := hex.DecodeString(object)
	return err == nil && len(raw) == sha256.Size
}
