package desk

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"oshirase/letters"
)

// CallLedger is what the pages of コールセンター need of the ledger.
type CallLedger interface {
	OpenCall(ctx context.Context, call letters.Call, limits LookLimits) (letters.Call, error)
	CountSearch(ctx context.Context, user string, limits LookLimits) error
	OpenFound(ctx context.Context, calls []letters.Call) ([]letters.Call, error)
	Call(ctx context.Context, id, user string) (letters.Call, error)
	Subject(ctx context.Context, id letters.ID) (letters.Subject, error)
	SubjectsAt(ctx context.Context, postcode string) ([]letters.Subject, error)
	SubjectsOf(ctx context.Context, lastFour string) ([]letters.Subject, error)
	Misses(ctx context.Context, id letters.ID) (int, error)
	Miss(ctx context.Context, call letters.Call) (int, error)
	Match(ctx context.Context, call letters.Call, by letters.Attribute) error
	Purpose(ctx context.Context, id, purpose string, caller letters.CallerKind, proxy string) error
	Reveal(ctx context.Context, id string, field letters.Field) error
	Reveals(ctx context.Context, id string) ([]letters.Reveal, error)
	Inquire(ctx context.Context, in letters.Inquiry, wishes []letters.Wish) (int64, error)
	InquiriesOf(ctx context.Context, id letters.ID) ([]letters.Inquiry, error)
	WishesOf(ctx context.Context, id letters.ID) ([]letters.Wish, error)
	Letter(ctx context.Context, id letters.ID) (letters.Letter, []letters.Dispatch, error)
	Events(ctx context.Context, id letters.ID) ([]letters.Event, error)
}

// LookLimits bound how many letters a person looks up within Span: more than
// Alert are listed for the supervisor, more than Stop are refused. It is an
// alias of an unnamed type, so that other packages can name it for themselves.
type LookLimits = struct {
	Span        time.Duration
	Alert, Stop int
}

// LetterPages shows a letter as it was sent.
type LetterPages interface {
	// SVG writes one page, from 1, as a picture.
	SVG(ctx context.Context, l letters.Letter, d letters.Dispatch, page int, w io.Writer) error
	// PDF returns the letter's very pages.
	PDF(ctx context.Context, l letters.Letter, d letters.Dispatch) ([]byte, error)
}

func callRoutes() []Route {
	agents := []letters.Role{letters.RoleCallCenter}
	row := func(method, path string, serve func(*Desk, *Visit) error) Route {
		return Route{Method: method, Path: path, Roles: agents, Serve: serve}
	}
	entry := row(http.MethodGet, "/calls", (*Desk).calls)
	entry.Nav = "calls"
	search := row(http.MethodGet, "/search", (*Desk).search)
	search.Nav = "search"
	return []Route{
		entry, row(http.MethodPost, "/calls", (*Desk).openCall),
		search, row(http.MethodPost, "/search", (*Desk).findLetters),
		row(http.MethodGet, "/calls/{call}", (*Desk).call),
		row(http.MethodPost, "/calls/{call}/check", (*Desk).checkCaller),
		row(http.MethodPost, "/calls/{call}/purpose", (*Desk).choosePurpose),
		row(http.MethodPost, "/calls/{call}/reveal", (*Desk).reveal),
		row(http.MethodGet, "/calls/{call}/pages/{page}", (*Desk).letterPage),
		row(http.MethodPost, "/calls/{call}/pdf", (*Desk).letterPDF),
		row(http.MethodPost, "/calls/{call}/inquiry", (*Desk).recordInquiry),
	}
}

func callViews() []view {
	return []view{{"calls", callsPage{}}, {"search", searchPage{Form: searchForm{By: "postcode"}}}, {"found", foundPage{}},
		{"check", checkPage{}}, {"unknown", unknownPage{}}, {"purpose", purposePage{}}, {"letter", letterPage{}}}
}

// callsPage is what calls.html gets: the one field.
type callsPage struct{ Number string }

// calls is where an agent begins.
func (d *Desk) calls(v *Visit) error { return v.Show("calls", callsPage{}) }

// openCall looks a number up. What the check digits tell to be mistyped is
// said before anything is looked for.
func (d *Desk) openCall(v *Visit) error {
	typed := v.Form("number")
	id, fault := letters.ReadNumber(typed)
	if fault != letters.NumberGood {
		return v.Problems("calls", callsPage{typed}, v.problem("number", "number_"+string(fault)))
	}
	if err := v.Record("lookup", string(id), "number", "asked"); err != nil {
		return err
	}
	call, err := d.newCall(v, id, letters.ByNumber)
	if err != nil {
		return err
	}
	if _, err := d.o.Ledger.OpenCall(v.Context(), call, d.o.Looks); err != nil {
		return d.lookRefused(v, string(id), err)
	}
	return v.Go("/calls/"+call.ID, "")
}

func (d *Desk) newCall(v *Visit, id letters.ID, by letters.Attribute) (letters.Call, error) {
	raw := make([]byte, 16)
	if _, err := io.ReadFull(d.o.Random, raw); err != nil {
		return letters.Call{}, fmt.Errorf("draw call: %w", err)
	}
	return letters.Call{ID: hex.EncodeToString(raw), User: v.User.Name, LetterID: id, FoundBy: by}, nil
}

// lookRefused records that somebody was stopped for looking up too often.
func (d *Desk) lookRefused(v *Visit, object string, err error) error {
	told, ok := d.o.Refusal(err)
	if !ok || told.Status != http.StatusTooManyRequests {
		return err
	}
	if err := v.Record("lookup", object, "limit", "stopped"); err != nil {
		return err
	}
	return &Refusal{Status: http.StatusTooManyRequests, Key: "looks_stopped", Err: err}
}

// call shows a call as far as it has come.
func (d *Desk) call(v *Visit) error {
	call, err := d.ownCall(v)
	if err != nil {
		return err
	}
	switch {
	case call.Answer != letters.CallFound:
		return v.Show("unknown", unknownPage{Call: call, Inquiry: newInquiryForm(call)})
	case call.MatchedBy == "":
		return d.showCheck(v, call, checkForm{})
	case call.Purpose == "":
		return v.Show("purpose", purposePage{Call: call})
	}
	return d.showLetter(v, call, newInquiryForm(call), nil)
}

// ownCall is the call of the path when it is this person's and not ended; any
// other is not found.
func (d *Desk) ownCall(v *Visit) (letters.Call, error) {
	call, err := d.o.Ledger.Call(v.Context(), v.Path("call"), v.User.Name)
	if err != nil {
		return call, err
	}
	if call.EndedAt > 0 {
		return call, refuse(http.StatusGone, "call_ended")
	}
	return call, nil
}

// unknownPage is what unknown.html gets: not found and 支援措置 look the same.
type unknownPage struct {
	Call    letters.Call
	Inquiry inquiryForm
}

// purposes are the reasons for which a letter is shown.
func purposes() []string {
	return []string{"content", "status", "lost", "address", "harm", "complaint", "other"}
}

// purposePage is what purpose.html gets.
type purposePage struct {
	Call                   letters.Call
	Purpose, Caller, Proxy string
}

// Purposes are offered in this order.
func (purposePage) Purposes() []string { return purposes() }

// choosePurpose records who calls and why. Nothing of the letter was shown yet.
func (d *Desk) choosePurpose(v *Visit) error {
	call, err := d.ownCall(v)
	if err != nil {
		return err
	}
	if call.MatchedBy == "" || call.Purpose != "" {
		return v.Go("/calls/"+call.ID, "")
	}
	page := purposePage{call, v.Form("purpose"), v.Form("caller"), v.Form("proxy")}
	var faults []Problem
	if !slices.Contains(purposes(), page.Purpose) {
		faults = append(faults, v.problem("purpose", "purpose_missing"))
	}
	faults = append(faults, v.callerFaults(page.Caller, page.Proxy)...)
	if len(faults) > 0 {
		return v.Problems("purpose", page, faults...)
	}
	if err := v.Record("purpose", string(call.LetterID), page.Purpose, "asked"); err != nil {
		return err
	}
	err = d.o.Ledger.Purpose(v.Context(), call.ID, page.Purpose, letters.CallerKind(page.Caller), page.Proxy)
	if err != nil {
		return err
	}
	return v.Go("/calls/"+call.ID, "")
}

// callerFaults says what is missing of who calls: family and agents are
// recorded by name as 代理人.
func (v *Visit) callerFaults(caller, proxy string) []Problem {
	switch letters.CallerKind(caller) {
	case letters.CallerSelf:
		if proxy != "" {
			return []Problem{v.problem("proxy", "proxy_of_self")}
		}
		return nil
	case letters.CallerFamily, letters.CallerAgent:
		if proxy == "" {
			return []Problem{v.problem("proxy", "proxy_missing")}
		}
		if len(proxy) > 200 {
			return []Problem{v.problem("proxy", "proxy_long")}
		}
		return nil
	}
	return []Problem{v.problem("caller", "caller_missing")}
}
