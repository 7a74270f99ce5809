package desk

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// pendingForm is what somebody sent when the desk had to ask first who they
// are. It is kept in memory alone, for its writer alone.
type pendingForm struct {
	user string
	path string
	form url.Values
	at   time.Time
}

const (
	pendingLasts = time.Hour
	pendingMost  = 500
	pendingEach  = 20 // of one person
)

// pendingForms are few and short-lived: what was typed is personal.
type pendingForms struct {
	mu    sync.Mutex
	forms map[string]pendingForm
}

func newPendingForms() *pendingForms { return &pendingForms{forms: map[string]pendingForm{}} }

// keep stores a form and returns its key, drawn from random.
func (p *pendingForms) keep(f pendingForm, random io.Reader) (string, error) {
	raw := make([]byte, 16)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("draw key of a pending form: %w", err)
	}
	key := hex.EncodeToString(raw)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sweep(f.user, f.at)
	p.forms[key] = f
	return key, nil
}

// sweep forgets what is old, a person's oldest when they have too many, and the
// oldest of all when there are too many.
func (p *pendingForms) sweep(user string, now time.Time) {
	maps.DeleteFunc(p.forms, func(_ string, f pendingForm) bool { return now.Sub(f.at) > pendingLasts })
	p.shrink(pendingEach, func(f pendingForm) bool { return f.user == user })
	p.shrink(pendingMost, func(pendingForm) bool { return true })
}

// shrink leaves room for one more of some forms.
func (p *pendingForms) shrink(most int, of func(pendingForm) bool) {
	var keys []string
	for key, f := range p.forms {
		if of(f) {
			keys = append(keys, key)
		}
	}
	for len(keys) >= most {
		i := slices.Index(keys, slices.MinFunc(keys, func(a, b string) int { return p.forms[a].at.Compare(p.forms[b].at) }))
		delete(p.forms, keys[i])
		keys = slices.Delete(keys, i, i+1)
	}
}

// take gives a form back, once, to the person who wrote it.
func (p *pendingForms) take(key, user string, now time.Time) (pendingForm, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f, ok := p.forms[key]
	if !ok || f.user != user || now.Sub(f.at) > pendingLasts {
		return pendingForm{}, false
	}
	delete(p.forms, key)
	return f, true
}

// keepForm keeps the visit's form for its writer; "" when nobody is known to
// have written it.
func (v *Visit) keepForm(user string) (string, error) {
	if v.r.Method != http.MethodPost || user == "" {
		return "", nil
	}
	return v.d.pending.keep(pendingForm{user, v.r.URL.Path, v.r.PostForm, v.d.o.Now()}, v.d.o.Random)
}

// sendOn takes the person on to what they came for: the form they had sent,
// as if it were sent now, or the page they had asked for.
func (v *Visit) sendOn(key, next string) error {
	f, ok := v.d.pending.take(key, v.User.Name, v.d.o.Now())
	if !ok {
		if key != "" {
			return v.Go("/", "form_lost")
		}
		return v.Go(local(next), "")
	}
	r := v.r.Clone(v.Context())
	r.Method, r.URL = http.MethodPost, &url.URL{Path: f.path}
	r.PostForm, r.Form, r.Body = f.form, f.form, http.NoBody
	v.d.inner.ServeHTTP(v.w, r.WithContext(context.WithValue(r.Context(), resent{}, v)))
	return nil
}

// resent is the key of the visit whose session a kept form is sent under.
type resent struct{}

// local is a path of the desk, or home for anything else.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Path == "" || u.Path[0] != '/' ||
		len(next) > 1 && (next[1] == '/' || next[1] == '\\') {
		return "/"
	}
	return u.EscapedPath()
}
