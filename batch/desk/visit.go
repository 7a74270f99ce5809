package desk

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"oshirase/letters"
)

// Visit is one request of one person.
type Visit struct {
	User letters.User // the zero User before signing in

	d       *Desk
	w       http.ResponseWriter
	r       *http.Request
	route   Route
	session letters.Session
	old     letters.Session // one that no longer counts
	id      string
	client  string
}

// Context ends when the request does.
func (v *Visit) Context() context.Context { return v.r.Context() }

// holdLimit bounds what goes on after the browser has gone, within the time in
// which the desk stops.
const holdLimit = 20 * time.Second

// holdOut has the visit go on when its browser goes away, until it is let go.
func (v *Visit) holdOut() (letGo func()) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.Context()), holdLimit)
	v.r = v.r.WithContext(ctx)
	return cancel
}

// Form returns what was typed in a field, without spaces around it.
func (v *Visit) Form(name string) string { return strings.TrimSpace(v.r.PostForm.Get(name)) }

// typeable reports whether people could have typed or chosen every value:
// UTF-8, and of control characters none but tab and line ends. No text column
// of PostgreSQL takes a NUL, and no record of the audit chain any of them.
func typeable(form url.Values) bool {
	for _, values := range form {
		for _, s := range values {
			if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\t\r\n", r) }) {
				return false
			}
		}
	}
	return true
}

// Forms returns every value of a field that may come several times.
func (v *Visit) Forms(name string) []string { return v.r.PostForm[name] }

// Query returns a parameter of the address. Nothing personal stands there.
func (v *Visit) Query(name string) string { return strings.TrimSpace(v.r.URL.Query().Get(name)) }

// Path returns a part of the route's pattern.
func (v *Visit) Path(name string) string { return v.r.PathValue(name) }

// Record writes to the audit chain what this person is about to see or do,
// and why. On an error the page must show nothing of it.
func (v *Visit) Record(action, object, reason, outcome string) error {
	actor := v.User.Name
	if actor == "" {
		actor = "nobody"
	}
	err := v.d.o.Audit.Record(v.Context(), Record{Actor: actor, Action: action, Object: object, Reason: reason,
		Outcome: outcome, Client: v.client})
	if err != nil {
		return &Refusal{Status: http.StatusServiceUnavailable, Key: "audit", Err: err}
	}
	return nil
}

// Go sends the browser to another page of the desk, as after every POST. The
// page tells the note, a key of [note] in words.toml; "" tells nothing.
func (v *Visit) Go(path, note string) error {
	if note != "" {
		path += "?note=" + note
	}
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

// Send answers with a file to be saved. Its name holds nothing personal.
func (v *Visit) Send(kind, name string, body []byte) error {
	h := v.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = v.w.Write(body) // the browser has gone: nobody to tell
	return nil
}

// cutText keeps a typed text within n characters, on one line.
func cutText(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// Problem is one fault of a form: the field's id and a sentence.
type Problem struct {
	Field string
	Text  string
}

// problem makes a Problem of a sentence in words.toml.
func (v *Visit) problem(field, key string, args ...string) Problem {
	return Problem{field, v.d.words.sentence(key, args...)}
}

// Show answers with a page.
func (v *Visit) Show(view string, data any) error { return v.show(http.StatusOK, view, data, nil) }

// Problems answers with a form as it was typed, and what is wrong with it.
func (v *Visit) Problems(view string, data any, list ...Problem) error {
	return v.show(http.StatusUnprocessableEntity, view, data, list)
}

// frame is what layout.html gets: the page and all around it.
type frame struct {
	User     letters.User
	Nav      []navItem
	Note     string
	Problems []Problem
	Page     any
	Style    string
	Script   string
	Request  string
	Demo     bool
	Now      int64 // µs, for the sheet that is printed
}

// navItem is one place of the menu.
type navItem struct {
	Path, Label string
	Here        bool
}

func (v *Visit) show(status int, view string, data any, problems []Problem) error {
	t, err := v.d.views.page(view)
	if err != nil {
		return err
	}
	f := frame{User: v.User, Nav: v.nav(), Problems: problems, Page: data, Request: v.id,
		Style: v.d.views.style.path, Script: v.d.views.script.path, Demo: v.d.o.Templates.Incident().Demo, Now: v.d.o.Now().UnixMicro()}
	if key := v.Query("note"); v.r.Method == http.MethodGet && key != "" {
		f.Note = v.d.words.Note[key] // an unknown key says nothing
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "layout", f); err != nil {
		return fmt.Errorf("show %s: %w", view, err)
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = b.WriteTo(v.w) // the browser has gone: nobody to tell
	return nil
}

// nav is the menu of the person who is signed in.
func (v *Visit) nav() []navItem {
	var out []navItem
	for _, r := range v.d.routes {
		if r.Nav == "" || v.User.Name == "" || !r.may(v.User) {
			continue
		}
		path := strings.TrimSuffix(r.Path, "{$}")
		here := v.r.URL.Path == path || path != "/" && strings.HasPrefix(v.r.URL.Path, path+"/")
		out = append(out, navItem{path, v.d.words.Nav[r.Nav], here})
	}
	return out
}

// paceKey is whose requests are counted together.
func (v *Visit) paceKey() string {
	if v.User.Name != "" {
		return "u " + v.User.Name
	}
	return "c " + v.client
}
