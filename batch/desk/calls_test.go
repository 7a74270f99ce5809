package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"oshirase/letters"
)

// testPages stands for page engine and archive.
type testPages struct{}

func (testPages) SVG(_ context.Context, _ letters.Letter, _ letters.Dispatch, page int, w io.Writer) error {
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg"><title>%d</title></svg>`, page)
	return err
}

func (testPages) PDF(context.Context, letters.Letter, letters.Dispatch) ([]byte, error) {
	return []byte("%PDF-1.7"), nil
}

func (testPages) File(_ context.Context, _ letters.Packet, f letters.PacketFile) ([]byte, error) {
	return []byte(f.Name), nil
}

// letterOf draws a letter ID whose check digits agree.
func drawnID(t testing.TB, n int) letters.ID {
	t.Helper()
	id, err := letters.NewID(strings.NewReader(fmt.Sprintf("%08d", n)))
	must(t, err)
	return id
}

// person is a made-up customer with one contract.
type person struct {
	name, kana, phone string
	handling          letters.Handling
}

// withLetters puts a month with one rendered letter for each person into the
// ledger and returns their IDs.
func (td *testDesk) withLetters(people ...person) []letters.ID {
	td.t.Helper()
	ctx, m := td.t.Context(), letters.Month("2023-02")
	must(td.t, td.store.EnsureMonth(ctx, m))
	file, err := td.store.StageFile(ctx, letters.SourceFile{Month: m, SHA256: strings.Repeat("a", 64), Bytes: 1, Name: "list.csv", Format: "csv", Encoding: "cp932", ImportedBy: "prepare"})
	must(td.t, err)
	p := letters.Plan{Month: m, Activate: []int64{file}}
	var rows []letters.KeyedRow
	var ids []letters.ID
	for i, who := range people {
		row := letters.Row{No: i + 2, SupplyPoint: fmt.Sprintf("09%020d", 4000+i), Name: who.name, Kana: who.kana, Kind: letters.Individual,
			PostalCode: "8100004", Address: "福岡市中央区見本1-2-3", Phone: who.phone, Channel: letters.Print, RetailerCode: "A0001",
			RetailerName: "見本小売", Supply: letters.Low, System: "CC", Items: []letters.ItemCode{"contract_name", "contact_phone"},
			First: "2022-10-03", Last: "2022-10-04", Handling: who.handling}
		key := fmt.Sprint(i)
		rows = append(rows, letters.KeyedRow{Row: row, CaseKey: "case" + key, PersonKey: "person" + key, FoldKey: "fold" + key})
		id, ref := drawnID(td.t, i), letters.RowRef{FileID: file, No: i + 2}
		ids = append(ids, id)
		p.Letters = append(p.Letters, letters.PlannedLetter{ID: id, Lead: ref, PersonKey: "person" + key, FoldKey: "fold" + key, Kind: letters.First, Channel: letters.Print, Facts: key})
		p.Rows = append(p.Rows, letters.PlannedRow{RowRef: ref, Outcome: letters.OutLetter, Case: i, Letter: id})
		p.Cases = append(p.Cases, letters.PlannedCase{Lead: ref, CaseKey: "case" + key, Version: 1, Confirmed: row.Items, First: row.First, Last: row.Last, Letter: id})
	}
	must(td.t, td.store.StageRows(ctx, file, rows))
	must(td.t, td.store.FinishStaging(ctx, file, len(rows)))
	must(td.t, td.store.ApplyPlan(ctx, p, "prepare", td.clock()))
	td.render(m)
	return ids
}

func (td *testDesk) render(m letters.Month) {
	td.t.Helper()
	var done []letters.RenderResult
	must(td.t, td.store.Letters(td.t.Context(), m, nil, func(l letters.Letter, d letters.Dispatch) error {
		done = append(done, letters.RenderResult{LetterID: l.ID, Generation: 1, Token: d.Token, Rendering: letters.Rendering{Renderer: "r", TemplateVersion: "t",
			ContentHash: strings.Repeat("b", 64), FileHash: strings.Repeat("c", 64), FileSize: 9, PageHashes: []string{strings.Repeat("d", 64), strings.Repeat("e", 64)},
			Pages: 2, Envelope: "naga3", Class: "naga3-b0-s1"}})
		return nil
	}))
	must(td.t, td.store.SaveRenderings(td.t.Context(), done, "prepare", td.clock()))
}

func taro() person {
	return person{name: "電力 太郎", kana: "デンリョク タロウ", phone: "0920001234"}
}

// look opens a call by number and returns its path.
func (b *browser) look(id letters.ID) string {
	b.t.Helper()
	p := b.post("/calls", url.Values{"number": {id.Groups()}})
	if p.status != http.StatusSeeOther {
		b.t.Fatalf("look-up: status %d\n%s", p.status, p.body)
	}
	return p.header.Get("Location")
}

// reach opens a call, matches the caller and chooses a purpose.
func (b *browser) reach(id letters.ID) string {
	b.t.Helper()
	path := b.look(id)
	for _, step := range []struct {
		at   string
		form url.Values
	}{{"/check", url.Values{"last_four": {"1234"}}}, {"/purpose", url.Values{"purpose": {"content"}, "caller": {"self"}}}} {
		if p := b.post(path+step.at, step.form); p.status != http.StatusSeeOther {
			b.t.Fatalf("%s: status %d\n%s", step.at, p.status, p.body)
		}
	}
	return path
}

// secrets is what may stand on no page before it is asked for.
func secrets() []string {
	return []string{"太郎", "タロウ", "0920001234", "見本1-2-3", "8100004", "810-0004", "09000000"}
}

func (p page) shows(list []string) (out []string) {
	for _, s := range list {
		if strings.Contains(p.body, s) {
			out = append(out, s)
		}
	}
	return out
}

func TestCallJourney(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	id := td.withLetters(taro(), person{name: "見本 花子", phone: "0920005678"})[0]
	b := td.as(letters.RoleCallCenter)
	path := b.look(id)
	if p := b.get(path); p.status != 200 || len(p.shows(secrets()))+len(p.shows([]string{string(id), id.Groups(), "契約名義、"})) > 0 {
		t.Errorf("before the check: status %d, shows %q", p.status, p.shows(secrets()))
	}
	if p := b.post(path+"/check", url.Values{"last_four": {"9999"}}); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "不一致") || len(p.shows(secrets())) > 0 {
		t.Errorf("a wrong answer: status %d", p.status)
	}
	if p := b.post(path+"/check", url.Values{"name": {"でんりょくたろう"}, "postcode": {"810-0004"}}); p.status != http.StatusSeeOther {
		t.Fatalf("a right answer: status %d\n%s", p.status, p.body)
	}
	if p := b.get(path); len(p.shows(secrets()))+len(p.shows([]string{"契約名義、"})) > 0 {
		t.Errorf("before the purpose: shows %q", p.shows(secrets()))
	}
	if p := b.post(path+"/purpose", url.Values{"purpose": {"content"}, "caller": {"family"}}); p.status != http.StatusUnprocessableEntity {
		t.Errorf("family without a name: status %d", p.status)
	}
	b.post(path+"/purpose", url.Values{"purpose": {"content"}, "caller": {"family"}, "proxy": {"電力 次郎"}})
	p := b.get(path)
	if len(p.shows(secrets())) > 0 || len(p.body) > 60<<10 {
		t.Errorf("the letter's page shows %q, %d bytes", p.shows(secrets()), len(p.body))
	}
	for _, want := range []string{"契約名義、連絡先電話番号", "小売電気事業者コード", "コールセンターシステム", "2022年10月3日", "＊＊＊＊4000", "電＊ 太＊", "電力 次郎", "30分単位の電力量"} {
		if !strings.Contains(p.body, want) {
			t.Errorf("the letter's page does not show %s", want)
		}
	}
	td.inquiryAndEnd(b, path, id)
}

// inquiryAndEnd records the call with a wish, after which nothing is shown.
func (td *testDesk) inquiryAndEnd(b *browser, path string, id letters.ID) {
	t := td.t
	t.Helper()
	form := url.Values{"outcome": {"explained"}, "harm": {"1"}, "note": {"説明した"}, "wish": {"address"}, "new_postcode": {"8100001"}}
	if p := b.post(path+"/inquiry", form); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "説明した") {
		t.Errorf("a wish without address: status %d, or the note is lost", p.status)
	}
	form.Set("new_address", "福岡市中央区見本9-9-9")
	if p := b.post(path+"/inquiry", form); p.status != http.StatusSeeOther {
		t.Fatalf("record: status %d\n%s", p.status, p.body)
	}
	if p := b.get(path); p.status != http.StatusGone {
		t.Errorf("after the end: status %d, want 410", p.status)
	}
	list, err := td.store.InquiriesOf(t.Context(), id)
	must(t, err)
	if len(list) != 1 || !list[0].Harm || list[0].Proxy != "電力 次郎" || list[0].Caller != letters.CallerFamily {
		t.Errorf("inquiries %+v", list)
	}
	wishes, err := td.store.OpenWishes(t.Context())
	must(t, err)
	if len(wishes) != 1 || wishes[0].Address != "福岡市中央区見本9-9-9" {
		t.Errorf("wishes %+v", wishes)
	}
}

func TestUnmaskFieldByFieldAndTimed(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	id := td.withLetters(taro())[0]
	b := td.as(letters.RoleCallCenter)
	path := b.reach(id)
	p := b.post(path+"/reveal", url.Values{"field": {"phone"}, "note": {"途中まで書いたメモ"}})
	if got := p.shows(secrets()); !slices.Equal(got, []string{"0920001234"}) || !strings.Contains(p.body, "途中まで書いたメモ") {
		t.Errorf("after unmasking the telephone number: shows %q, or what was typed is lost", got)
	}
	if p := b.get(path + "/pages/1"); p.status != http.StatusNotFound {
		t.Errorf("a page of a letter that is not open: status %d", p.status)
	}
	b.post(path+"/reveal", url.Values{"field": {"letter"}})
	if p := b.get(path + "/pages/2"); p.status != 200 || p.header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("page 2: status %d", p.status)
	}
	if p := b.get(path + "/pages/3"); p.status != http.StatusNotFound {
		t.Errorf("page 3 of 2: status %d", p.status)
	}
	if p := b.post(path+"/pdf", nil); p.status != 200 || p.header.Get("Content-Disposition") != `attachment; filename="letter.pdf"` {
		t.Errorf("PDF: status %d", p.status)
	}
	td.pass(letters.RevealSpan + time.Second)
	if p := b.get(path); len(p.shows(secrets())) > 0 {
		t.Errorf("a minute later: shows %q", p.shows(secrets()))
	}
	if p := b.post(path+"/pdf", nil); p.status != http.StatusNotFound {
		t.Errorf("PDF a minute later: status %d", p.status)
	}
	var seen []string
	for _, r := range td.audit.all() {
		if r.Object == string(id) && r.Outcome == "shown" {
			seen = append(seen, r.Action)
		}
	}
	if want := []string{"unmask", "letter", "unmask", "letter", "page", "page", "pdf", "letter"}; !slices.Equal(seen, want) {
		t.Errorf("recorded %q, want %q", seen, want)
	}
}

// TestNoRecordNothingShown breaks the audit chain at every step of a call.
func TestNoRecordNothingShown(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	id := td.withLetters(taro())[0]
	b := td.as(letters.RoleCallCenter)
	path := b.reach(id)
	b.post(path+"/reveal", url.Values{"field": {"letter"}})
	open := b.look(id)
	td.audit.mu.Lock()
	td.audit.fail = errors.New("disk is full")
	td.audit.mu.Unlock()
	for _, ask := range []struct {
		method, path string
		form         url.Values
	}{
		{"POST", "/calls", url.Values{"number": {string(id)}}},
		{"POST", "/search", url.Values{"name": {"電力太郎"}, "postcode": {"8100004"}, "purpose": {"lost"}}},
		{"POST", open + "/check", url.Values{"last_four": {"1234"}}},
		{"POST", open + "/check", url.Values{"last_four": {"9999"}}},
		{"GET", path, nil},
		{"POST", path + "/reveal", url.Values{"field": {"name"}}},
		{"GET", path + "/pages/1", nil},
		{"POST", path + "/pdf", nil},
	} {
		p := b.send(ask.method, ask.path, ask.form)
		if p.status != http.StatusServiceUnavailable || len(p.shows(secrets())) > 0 || strings.Contains(p.body, "契約名義") {
			t.Errorf("%s %s: status %d, shows %q", ask.method, ask.path, p.status, p.shows(secrets()))
		}
	}
	if calls, err := td.store.Call(t.Context(), strings.TrimPrefix(open, "/calls/"), "callcenter"); err != nil || calls.MatchedBy != "" {
		t.Errorf("the caller was matched without a record: %+v, %v", calls, err)
	}
}

// TestEveryCheckIsRecorded: each answer to a caller stands in the chain, and
// so does the check that was refused.
func TestEveryCheckIsRecorded(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	ids := td.withLetters(taro(), person{name: "見本 花子", phone: "0920005678"})
	b := td.as(letters.RoleCallCenter)
	b.reach(ids[0])
	path, again := b.look(ids[1]), b.look(ids[1])
	for range letters.MissLimit {
		b.post(path+"/check", url.Values{"last_four": {"9999"}})
	}
	if p := b.post(again+"/check", url.Values{"last_four": {"5678"}}); p.status != http.StatusTooManyRequests {
		t.Errorf("a check after three misses: status %d", p.status)
	}
	var got []string
	for _, r := range td.audit.all() {
		if r.Action == "caller" {
			got = append(got, r.Object+" "+r.Outcome)
		}
	}
	one, two := string(ids[0]), string(ids[1])
	if want := []string{one + " match", two + " mismatch", two + " mismatch", two + " mismatch", two + " stopped"}; !slices.Equal(got, want) {
		t.Errorf("recorded %q, want %q", got, want)
	}
}

// TestShelterAnswersLikeNotFound compares every byte but the call's own number.
func TestShelterAnswersLikeNotFound(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	hidden := taro()
	hidden.handling = letters.HandlingShelter
	ids := td.withLetters(person{name: "見本 花子", phone: "0920005678"}, hidden)
	b := td.as(letters.RoleCallCenter)
	body := func(path string) string {
		return strings.ReplaceAll(b.get(path).body, strings.TrimPrefix(path, "/calls/"), "CALL")
	}
	nothing := b.look(drawnID(t, 99))
	for _, step := range []string{"/purpose", "/check"} {
		if p := b.post(nothing+step, url.Values{"purpose": {"content"}, "caller": {"self"}, "last_four": {"1234"}}); p.status != http.StatusSeeOther {
			t.Errorf("%s of nothing found: status %d", step, p.status)
		}
	}
	unknown := body(nothing)
	if got := body(b.look(ids[1])); got != unknown {
		t.Error("支援措置 answers otherwise than not found")
	}
	for _, name := range []string{"電力太郎", "無名 太郎"} {
		p := b.post("/search", url.Values{"name": {name}, "by": {"postcode"}, "postcode": {"8100004"}, "purpose": {"lost"}})
		if p.status != http.StatusSeeOther {
			t.Fatalf("search for %s: status %d", name, p.status)
		}
		if got := body(p.header.Get("Location")); got != unknown {
			t.Errorf("search for %s answers otherwise", name)
		}
	}
	list, err := td.store.Supervisions(t.Context())
	must(t, err)
	if len(list) != 2 || list[0].Kind != "shelter" || list[1].Kind != "shelter" {
		t.Errorf("supervisor's list %+v", list)
	}
}

func TestSearchIsMaskedAndNeedsAnotherAnswer(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	td.withLetters(taro(), person{name: "見本 花子", phone: "0920001234"})
	b := td.as(letters.RoleCallCenter)
	if p := b.post("/search", url.Values{"name": {"電力太郎"}, "by": {"phone"}, "last_four": {"1234"}}); p.status != http.StatusUnprocessableEntity {
		t.Errorf("without a purpose: status %d", p.status)
	}
	p := b.post("/search", url.Values{"name": {"電力太郎"}, "by": {"phone"}, "last_four": {"1234"}, "purpose": {"lost"}})
	if p.status != 200 || len(p.shows(secrets()))+len(p.shows([]string{"花"})) > 0 || !strings.Contains(p.body, "電＊ 太＊") || td.paused.Load() != 1 {
		t.Fatalf("found: status %d, shows %q", p.status, p.shows(secrets()))
	}
	_, rest, _ := strings.Cut(p.body, `href="/calls/`)
	call, _, _ := strings.Cut(rest, `"`)
	if p := b.post("/calls/"+call+"/check", url.Values{"last_four": {"1234"}}); p.status != http.StatusUnprocessableEntity {
		t.Errorf("checked by what it was found with: status %d", p.status)
	}
	if p := b.post("/calls/"+call+"/check", url.Values{"name": {"電力太郎"}, "postcode": {"8100004"}}); p.status != http.StatusSeeOther {
		t.Errorf("checked by another answer: status %d", p.status)
	}
}

// TestNobodyElsesCall gives another agent's call to nobody.
func TestNobodyElsesCall(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	id := td.withLetters(taro())[0]
	path := td.as(letters.RoleCallCenter).reach(id)
	td.addUser("mika", letters.RoleCallCenter, true)
	b := td.browser()
	b.signIn("mika")
	for _, p := range []page{b.get(path), b.post(path+"/reveal", url.Values{"field": {"name"}}), b.post(path+"/pdf", nil), b.get("/calls/" + strings.Repeat("0", 32))} {
		if p.status != http.StatusNotFound {
			t.Errorf("somebody else's call: status %d, want 404", p.status)
		}
	}
}

// TestSearchesNameWhatTheyFound: the chain tells about whom somebody searched,
// of letters under 支援措置 too, and a search that found nothing has as many
// records as one that hides what it found: the wait must not tell them apart.
func TestSearchesNameWhatTheyFound(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	ids := td.withLetters(taro(), person{name: "見本 花子", phone: "0920005678", handling: letters.HandlingShelter})
	b := td.as(letters.RoleCallCenter)
	for name, want := range map[string]string{"電力 太郎": string(ids[0]) + " asked", "見本 花子": string(ids[1]) + " asked", "見本 次郎": "name_postcode not_found"} {
		before := len(td.audit.all())
		b.post("/search", url.Values{"by": {"postcode"}, "name": {name}, "postcode": {"8100004"}, "purpose": {"no_letter"}})
		var got []string
		for _, r := range td.audit.all()[before:] {
			if r.Action == "found" && r.Reason == "no_letter" && r.Actor == "callcenter" {
				got = append(got, r.Object+" "+r.Outcome)
			}
		}
		if !slices.Equal(got, []string{want}) {
			t.Errorf("a search for %s is recorded as %q, want %q", name, got, want)
		}
	}
}
