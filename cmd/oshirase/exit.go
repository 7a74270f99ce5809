package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"syscall"

	"github.com/spf13/pflag"

	"oshirase/batch"
	"oshirase/batch/printing"
	"oshirase/batch/sample"
	"oshirase/letters"
	"oshirase/letters/store"
)

// Exit statuses.
const (
	exitDone     = 0
	exitFailed   = 1
	exitUsage    = 2
	exitProblems = 3
	exitRefused  = 4
	exitWaits    = 5
)

// failure is an error with its exit status and the sentence that people read:
// Key of templates/cli/errors.toml with Args.
type failure struct {
	Code int
	Key  string
	Args []string
	Err  error
}

func (f *failure) Error() string { return f.Err.Error() }
func (f *failure) Unwrap() error { return f.Err }

func fail(code int, key string, err error, args ...string) error {
	return &failure{Code: code, Key: key, Args: args, Err: err}
}

// waits ends a command that did its work while something waits for a person.
var errWaits = errors.New("something waits for a person")

// known maps the errors of the steps to status and sentence. It is the only
// such place.
func known() []failure {
	return []failure{
		{Code: exitUsage, Key: "bad_month", Err: letters.ErrBadMonth},
		{Code: exitUsage, Key: "bad_date", Err: letters.ErrBadDate},
		{Code: exitUsage, Key: "bad_role", Err: letters.ErrBadRole},
		{Code: exitUsage, Key: "bad_id", Err: letters.ErrBadID},
		{Code: exitUsage, Key: "sample_options", Err: sample.ErrBadOptions},
		{Code: exitRefused, Key: "month_future", Err: batch.ErrMonthFuture},
		{Code: exitRefused, Key: "month_past", Err: batch.ErrMonthPast},
		{Code: exitRefused, Key: "month_approved", Err: batch.ErrMonthApproved},
		{Code: exitRefused, Key: "month_purged", Err: batch.ErrMonthPurged},
		{Code: exitRefused, Key: "twice", Err: batch.ErrTwice},
		{Code: exitRefused, Key: "unknown_file", Err: batch.ErrUnknownFile},
		{Code: exitRefused, Key: "expectation", Err: batch.ErrExpectation},
		{Code: exitRefused, Key: "not_approved", Err: batch.ErrNotApproved},
		{Code: exitRefused, Key: "stale", Err: batch.ErrStale},
		{Code: exitRefused, Key: "nothing", Err: batch.ErrNothing},
		{Code: exitRefused, Key: "placeholders", Err: batch.ErrPlaceholders},
		{Code: exitRefused, Key: "posting_date", Err: batch.ErrPostingDate},
		{Code: exitRefused, Key: "approver_renders", Err: batch.ErrApproverRenders},
		{Code: exitRefused, Key: "same_content", Err: store.ErrSameContent},
		{Code: exitRefused, Key: "same_person", Err: store.ErrSamePerson},
		{Code: exitRefused, Key: "month_approved", Err: store.ErrApproved},
		{Code: exitRefused, Key: "conflict", Err: store.ErrConflict},
		{Code: exitFailed, Key: "not_found", Err: store.ErrNotFound},
		{Code: exitRefused, Key: "not_rendered", Err: store.ErrNotRendered},
		{Code: exitRefused, Key: "schema_newer", Err: store.ErrSchemaNewer},
		{Code: exitRefused, Key: "schema_older", Err: store.ErrSchemaOlder},
		{Code: exitFailed, Key: "ledger_away", Err: store.ErrUnreachable},
		{Code: exitFailed, Key: "ledger_denied", Err: store.ErrDenied},
		{Code: exitFailed, Key: "print_not_durable", Err: printing.ErrNotDurable},
		{Code: exitFailed, Key: "stopped", Err: context.Canceled},
	}
}

// exit says what went wrong in one sentence and returns the status.
func (p *program) exit(err error) int {
	if err == nil {
		return exitDone
	}
	if errors.Is(err, errWaits) {
		return exitWaits
	}
	f := classify(err)
	if f.Code == exitFailed { // a refusal is told in words; a fault is for the log too
		p.log.Error("command failed", slog.String("error", err.Error()))
	}
	sentence := p.words.sentence(f.Key, f.Args...)
	fmt.Fprintln(p.err, sentence)
	if p.asJSON && !p.reported {
		_ = json.NewEncoder(p.out).Encode(errorJSON{failedJSON{f.Key, f.Code, sentence}}) // what went wrong is said already
	}
	return f.Code
}

// errorJSON is the one object of a command that made no report.
type errorJSON struct {
	Error failedJSON `json:"error"`
}

type failedJSON struct {
	Code    string `json:"code"` // of templates/cli/words.toml
	Status  int    `json:"exit_status"`
	Message string `json:"message"`
}

func classify(err error) failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return *f
	}
	for _, k := range known() {
		if errors.Is(err, k.Err) {
			return k
		}
	}
	if f, ok := diskFault(err); ok {
		return f
	}
	if key := misuse(err); key != "usage" {
		return failure{Code: exitUsage, Key: key, Args: []string{misused(err)}}
	}
	return failure{Code: exitFailed, Key: "failed", Args: []string{err.Error()}}
}

// misuse is the key of the sentence for what cobra and pflag say of a command
// line in English; "usage" for what has none of its own.
func misuse(err error) string {
	for first, key := range map[string]string{"unknown command": "usage_command", "required flag": "usage_required",
		"unknown flag": "usage_flag", "unknown shorthand flag": "usage_flag", "flag needs an argument": "usage_value",
		"invalid argument": "usage_invalid"} {
		if strings.HasPrefix(err.Error(), first) {
			return key
		}
	}
	return "usage"
}

// misused is what such an error is about: the words that stand quoted in it
// or begin with a hyphen, as they would be typed.
func misused(err error) string {
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return "--" + invalid.GetFlag().Name
	}
	for _, before := range []string{": -", " in -"} {
		if _, rest, ok := strings.Cut(err.Error(), before); ok {
			return "-" + rest
		}
	}
	var named []string
	for i, part := range strings.Split(err.Error(), `"`) {
		if i%2 == 1 && strings.HasPrefix(err.Error(), "required flag") {
			part = "--" + part
		}
		if i%2 == 1 {
			named = append(named, part)
		}
	}
	if strings.HasPrefix(err.Error(), "unknown command") && len(named) > 0 {
		return named[0]
	}
	return strings.Join(named, " ")
}

// diskFault is a disk that did not take what was written: full, or failing.
// Whoever wrote has stopped and taken nothing for done.
func diskFault(err error) (failure, bool) {
	path, ok := errors.AsType[*fs.PathError](err)
	switch {
	case !ok || path.Op == "open" || path.Op == "read":
		return failure{}, false
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		return failure{Code: exitFailed, Key: "disk_full", Args: []string{path.Path}, Err: err}, true
	case errors.Is(err, syscall.EIO) || errors.Is(err, syscall.EROFS):
		return failure{Code: exitFailed, Key: "disk_fault", Args: []string{path.Path}, Err: err}, true
	}
	return failure{}, false
}
