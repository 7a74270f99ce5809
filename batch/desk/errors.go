package desk

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"path"
)

// errorPage is what error.html gets: a sentence and a way on.
type errorPage struct {
	Status  int
	Text    string
	Request string // for the log's keeper
	Back    string // the page that the request was made from, "" when there is none
	Out     bool   // nobody is signed in
	Form    string // the key under which what was typed is kept, to be sent again
}

func errorViews() []view { return []view{{"error", errorPage{}}} }

// fail tells a person what went wrong in one calm sentence. What the program
// says of it goes to the log alone.
func (d *Desk) fail(v *Visit, err error) {
	told := d.told(err)
	if told.Status >= 500 && !errors.Is(err, context.Canceled) {
		d.o.Log.LogAttrs(v.Context(), slog.LevelError, "desk request failed", slog.String("request", v.id),
			slog.String("route", v.route.Path), slog.String("error", err.Error()))
	}
	page := errorPage{Status: told.Status, Text: d.words.sentence(told.Key, told.Args...), Request: v.id, Out: v.User.Name == ""}
	if told.Status != http.StatusNotFound { // what is not there tells nothing of what stands beside it
		page.Back = d.wayBack(v)
	}
	if told.Status >= 500 && !v.route.Public { // the fault is ours: nobody types it twice
		page.Form, _ = v.keepForm(v.User.Name) // without a key there is the way back
	}
	if err := v.show(told.Status, "error", page, nil); err != nil {
		d.o.Log.LogAttrs(v.Context(), slog.LevelError, "error page failed", slog.String("request", v.id),
			slog.String("error", err.Error()))
		http.Error(v.w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
}

// told turns an error into status and sentence.
func (d *Desk) told(err error) Refusal {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return *r
	}
	if r, ok := d.o.Refusal(err); ok {
		return r
	}
	return Refusal{Status: http.StatusInternalServerError, Key: "failed", Err: err}
}

// wayBack is the nearest page above a failed request's path that the person
// may open: the form's own page, in most cases.
func (d *Desk) wayBack(v *Visit) string {
	at := v.r.URL.Path
	if v.r.Method == http.MethodGet {
		at = path.Dir(at)
	}
	for ; at != "/" && at != "."; at = path.Dir(at) {
		_, pattern := d.inner.Handler(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: at}})
		for _, r := range d.routes {
			if r.Method+" "+r.Path == pattern && !r.Public && r.may(v.User) {
				return at
			}
		}
	}
	return ""
}
