package desk

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
)

// errorPage is what error.html gets: a sentence and a way on.
type errorPage struct {
	Status  int
	Text    string
	Request string // for the log's keeper
	Home    string
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
	page := errorPage{Status: told.Status, Text: d.words.sentence(told.Key, told.Args...), Request: v.id, Home: "/"}
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
