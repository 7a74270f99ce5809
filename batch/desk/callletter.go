package desk

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"oshirase/letters"
)

// letterPage is what letter.html gets: a letter to be spoken of. Items are
// named; what stood behind them is never shown.
type letterPage struct {
	Call      letters.Call
	Month     letters.Month
	Kind      letters.LetterKind
	Channel   letters.Channel
	Refers    []letters.ID
	State     letters.State
	StateAt   int64
	Contracts int
	Groups    []seenGroup
	Unseen    bool // some viewing has no record of its items
	Handling  bool // held for a person's decision
	NotHeld   string
	LogFrom   letters.Date
	LogTo     letters.Date
	Harm      string
	HarmOn    letters.Date
	Company   string
	Fields    []maskedField
	Pages     []int // of the letter as sent, while it is open
	Sent      bool  // there is something to open
	Past      []pastStep
	Inquiries []letters.Inquiry
	Wishes    []letters.Wish
	Inquiry   inquiryForm
}

// seenGroup is one contract in one system.
type seenGroup struct {
	System, Purpose string
	From, To        letters.Date // 閲覧可能となっていた期間
	Point           string       // supply point, masked
	Spoken          string       // its last digits
	Supply          letters.Supply
	Confirmed       string // 閲覧が確認された項目
	Rest            string // 閲覧可能であった項目
	Possible        string // 閲覧された可能性のある項目
	First, Last     letters.Date
	Again           bool // the contract before, in the other system
	Aloud           aloud
}

// maskedField is a field that is shown masked, or for a while in full.
type maskedField struct {
	Key    letters.Field
	Masked string
	Shown  string // "" while masked
	Left   int    // seconds
}

// pastStep is one thing that happened to the letter.
type pastStep struct {
	At    int64
	State letters.State
}

// showLetter records the look and shows the letter.
func (d *Desk) showLetter(v *Visit, call letters.Call, form inquiryForm, faults []Problem) error {
	if err := v.Record("letter", string(call.LetterID), call.Purpose, "shown"); err != nil {
		return err
	}
	page, err := d.letterOf(v, call)
	if err != nil {
		return fmt.Errorf("show letter %s: %w", call.LetterID, err)
	}
	page.Inquiry = form
	if len(faults) > 0 {
		return v.Problems("letter", page, faults...)
	}
	return v.Show("letter", page)
}

func (d *Desk) letterOf(v *Visit, call letters.Call) (letterPage, error) {
	l, dispatches, err := d.o.Ledger.Letter(v.Context(), call.LetterID)
	if err != nil {
		return letterPage{}, err
	}
	last := dispatches[len(dispatches)-1]
	in := d.o.Templates.Incident()
	page := letterPage{Call: call, Month: l.Month, Kind: l.Kind, Channel: l.Channel, Refers: l.Refers, State: last.State,
		Contracts: l.Contracts(), NotHeld: in.Texts["not_held"], LogFrom: in.LogFrom, LogTo: in.LogTo, Company: in.Texts["company"],
		Harm: in.Texts["secondary_harm"], Handling: last.State == letters.HeldReview, Sent: last.Rendering.ContentHash != ""}
	if on, err := letters.ParseDate(in.Texts["secondary_harm_date"]); err == nil {
		page.HarmOn = on
	}
	for i, k := range l.Cases {
		g := d.groupOf(k)
		g.Again = i > 0 && l.Cases[i-1].SupplyPoint == k.SupplyPoint
		page.Unseen = page.Unseen || g.Possible != ""
		page.Groups = append(page.Groups, g)
	}
	events, err := d.o.Ledger.Events(v.Context(), l.ID)
	if err != nil {
		return page, err
	}
	page.Past, page.StateAt = pastOf(events)
	if page.Inquiries, err = d.o.Ledger.InquiriesOf(v.Context(), l.ID); err != nil {
		return page, err
	}
	if page.Wishes, err = d.o.Ledger.WishesOf(v.Context(), l.ID); err != nil {
		return page, err
	}
	return page, d.unmasked(v, &page, l, last)
}

// groupOf names the items as the letter does, and never mixes what was seen,
// what could be seen besides, and what may have been seen because no record
// was kept.
func (d *Desk) groupOf(k letters.Case) seenGroup {
	in := d.o.Templates.Incident()
	g := seenGroup{Supply: k.Supply, First: k.First, Last: k.Last, Aloud: d.aloudOf(k), Point: letters.MaskedEnd(k.SupplyPoint, max(0, in.ShowDigits))}
	g.Spoken = k.SupplyPoint[max(0, len(k.SupplyPoint)-max(0, in.ShowDigits)):]
	if s := in.System(k.System); s != nil {
		g.System, g.Purpose, g.From, g.To = s.Name, s.Purpose, s.From, s.To
	}
	g.Confirmed = d.itemNames(k.Confirmed, "")
	rest := d.itemNames(in.Rest(k), in.Texts["etc."+string(k.System)+"."+string(k.Supply)])
	if k.Unrecorded {
		g.Possible = rest
	} else {
		g.Rest = rest
	}
	return g
}

func (d *Desk) itemNames(codes []letters.ItemCode, etc string) string {
	words := d.o.Templates.Words()
	names := d.nameItems(codes)
	if len(names) == 0 && etc != "" {
		return words.Get("label", "rest_etc")
	}
	return strings.Join(names, words.Get("label", "separator")) + etc
}

func (d *Desk) nameItems(codes []letters.ItemCode) (names []string) {
	for _, c := range codes {
		if item := d.o.Templates.Incident().Item(c); item != nil {
			names = append(names, item.Name)
		}
	}
	return names
}

// told are the states that a caller is told of, in the history too.
func told() []letters.State {
	return []letters.State{letters.Approved, letters.HandedOver, letters.Posted, letters.Returned, letters.Withdrawn, letters.Accepted,
		letters.Bounced, letters.Uncertain, letters.Failed5xx, letters.ClosedUnreachable, letters.Cancelled, letters.Superseded}
}

func pastOf(events []letters.Event) (past []pastStep, at int64) {
	for _, e := range events {
		at = e.At
		if slices.Contains(told(), e.To) {
			past = append(past, pastStep{e.At, e.To})
		}
	}
	return past, at
}

// unmasked fills the fields, those in full that were asked for within
// letters.RevealSpan, and the pages of the letter while it is open.
func (d *Desk) unmasked(v *Visit, page *letterPage, l letters.Letter, last letters.Dispatch) error {
	open, err := d.o.Ledger.Reveals(v.Context(), page.Call.ID)
	if err != nil {
		return err
	}
	left := map[letters.Field]int{}
	for _, r := range open {
		left[r.Field] = max(1, int(time.UnixMicro(r.Until).Sub(d.o.Now()).Seconds()))
	}
	r := l.Recipient
	add := func(key letters.Field, masked, full string) {
		if full == "" {
			return
		}
		f := maskedField{Key: key, Masked: masked}
		if left[key] > 0 {
			f.Shown, f.Left = full, left[key]
		}
		page.Fields = append(page.Fields, f)
	}
	add(letters.FieldName, letters.MaskedName(r.Name), r.Name)
	add(letters.FieldAddress, letters.MaskedEnd("", 0)+"＊＊＊＊", d.addressLine(r))
	add(letters.FieldPhone, "＊＊＊＊", r.Phone)
	add(letters.FieldSupplyPoint, "＊＊＊＊", supplyPoints(l))
	if left[letters.FieldLetter] > 0 {
		for n := range last.Rendering.Pages {
			page.Pages = append(page.Pages, n+1)
		}
	}
	return nil
}

// addressLine is 〒, postcode and address in one line.
func (d *Desk) addressLine(r letters.Recipient) string {
	line := strings.TrimSpace(r.Address + " " + r.Building)
	if r.PostalCode == "" {
		return line
	}
	return strings.TrimSpace(d.o.Templates.Words().Get("label", "postal_mark") + hyphened(r.PostalCode) + " " + line)
}

func supplyPoints(l letters.Letter) string {
	var out []string
	for _, k := range l.Cases {
		if !slices.Contains(out, k.SupplyPoint) {
			out = append(out, k.SupplyPoint)
		}
	}
	return strings.Join(out, " ")
}

func fields() []letters.Field {
	return []letters.Field{letters.FieldName, letters.FieldAddress, letters.FieldPhone, letters.FieldSupplyPoint, letters.FieldLetter}
}

// reveal shows one field in full for a while. What was typed into the inquiry
// form comes along and is shown again.
func (d *Desk) reveal(v *Visit) error {
	call, err := d.ownCall(v)
	if err != nil {
		return err
	}
	field := letters.Field(v.Form("field"))
	if !slices.Contains(fields(), field) || call.Purpose == "" {
		return refuse(http.StatusBadRequest, "bad_form")
	}
	if err := v.Record("unmask", string(call.LetterID), call.Purpose+" "+string(field), "shown"); err != nil {
		return err
	}
	if err := d.o.Ledger.Reveal(v.Context(), call.ID, field); err != nil {
		return err
	}
	return d.showLetter(v, call, v.readInquiry(call), nil)
}

// opened is the call's letter while it is open.
func (d *Desk) opened(v *Visit, action, reason string) (l letters.Letter, last letters.Dispatch, err error) {
	call, err := d.ownCall(v)
	if err != nil {
		return l, last, err
	}
	open, err := d.o.Ledger.Reveals(v.Context(), call.ID)
	if err != nil {
		return l, last, err
	}
	if !slices.ContainsFunc(open, func(r letters.Reveal) bool { return r.Field == letters.FieldLetter }) {
		return l, last, refuse(http.StatusNotFound, "not_found")
	}
	if err := v.Record(action, string(call.LetterID), strings.TrimSpace(call.Purpose+" "+reason), "shown"); err != nil {
		return l, last, err
	}
	l, dispatches, err := d.o.Ledger.Letter(v.Context(), call.LetterID)
	if err != nil {
		return l, last, err
	}
	return l, dispatches[len(dispatches)-1], nil
}

// letterPage is one page of the letter as it was sent, as a picture.
func (d *Desk) letterPage(v *Visit) error {
	n, err := strconv.Atoi(v.Path("page"))
	if err != nil {
		return refuse(http.StatusNotFound, "not_found")
	}
	l, last, err := d.opened(v, "page", strconv.Itoa(n))
	if err != nil {
		return err
	}
	if n < 1 || n > last.Rendering.Pages {
		return refuse(http.StatusNotFound, "not_found")
	}
	var b bytes.Buffer
	if err := d.o.Pages.SVG(v.Context(), l, last, n, &b); err != nil {
		return fmt.Errorf("page of letter %s: %w", l.ID, err)
	}
	v.w.Header().Set("Content-Type", "image/svg+xml")
	_, _ = b.WriteTo(v.w) // the browser has gone: nobody to tell
	return nil
}

// letterPDF is the letter's very pages.
func (d *Desk) letterPDF(v *Visit) error {
	l, last, err := d.opened(v, "pdf", "")
	if err != nil {
		return err
	}
	body, err := d.o.Pages.PDF(v.Context(), l, last)
	if err != nil {
		return fmt.Errorf("pages of letter %s: %w", l.ID, err)
	}
	v.attach("letter.pdf", "application/pdf", body)
	return nil
}

// attach answers with a file. Its name holds nothing personal.
func (v *Visit) attach(name, kind string, body []byte) {
	h := v.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = v.w.Write(body) // the browser has gone: nobody to tell
}
