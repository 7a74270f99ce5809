package batch

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"oshirase/letters"
)

// dice is a source of IDs that is the same at every run.
func dice() *rand.ChaCha8 { return rand.NewChaCha8([32]byte{1}) }

func mustPlan(t testing.TB, in PlanInput) letters.Plan {
	t.Helper()
	in.Month, in.Random = "2023-02", dice()
	p, err := MakePlan(in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// viewing is a row of contract c for the person at address who; keys stand
// for themselves.
func viewing(no int, c, who string, change ...func(*letters.PlanRow)) letters.PlanRow {
	r := letters.PlanRow{FileID: 1, No: no, CaseKey: c + " " + who[:1] + " CC", FoldKey: who, Supply: letters.Low, System: "CC",
		Items: []letters.ItemCode{"contract_name"}, First: "2022-10-03", Last: "2022-10-03", Channel: letters.Print,
		Kind: letters.Individual, KindGiven: true, PointKey: c}
	for _, f := range change {
		f(&r)
	}
	return r
}

func kana(s string) func(*letters.PlanRow) { return func(r *letters.PlanRow) { r.Kana = s } }
func held(why letters.Reason) func(*letters.PlanRow) {
	return func(r *letters.PlanRow) { r.Held = append(r.Held, why) }
}
func kindOf(k letters.CustomerKind, given bool) func(*letters.PlanRow) {
	return func(r *letters.PlanRow) { r.Kind, r.KindGiven = k, given }
}
func items(codes ...letters.ItemCode) func(*letters.PlanRow) {
	return func(r *letters.PlanRow) { r.Items = codes }
}
func days(first, last letters.Date) func(*letters.PlanRow) {
	return func(r *letters.PlanRow) { r.First, r.Last = first, last }
}
func system(s letters.SystemCode) func(*letters.PlanRow) {
	return func(r *letters.PlanRow) { r.System, r.CaseKey = s, r.CaseKey[:len(r.CaseKey)-2]+string(s) }
}
func disaster(r *letters.PlanRow) { r.Disaster = true }
func rejected(r *letters.PlanRow) { r.Rejected = true }
func mailTo(s string) func(*letters.PlanRow) {
	return func(r *letters.PlanRow) { r.Channel, r.MailKey = letters.Email, s }
}

// outcomes writes a plan's counts as "letter merged excluded held rejected / letters".
func outcomes(n letters.Counts) string {
	return fmt.Sprintf("%d %d %d %d %d / %d", n.LetterRows, n.MergedRows, n.ExcludedRows, n.HeldRows, n.RejectedRows, n.Letters)
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what string
		rows []letters.PlanRow
		want string
	}{
		{"nothing", nil, "0 0 0 0 0 / 0"},
		{"one row", []letters.PlanRow{viewing(1, "1", "A")}, "1 0 0 0 0 / 1"},
		{"a repeated row", []letters.PlanRow{viewing(1, "1", "A"), viewing(2, "1", "A")}, "1 1 0 0 0 / 1"},
		{"two systems", []letters.PlanRow{viewing(1, "1", "A"), viewing(2, "1", "A", system("NW"))}, "2 0 0 0 0 / 1"},
		{"two people", []letters.PlanRow{viewing(1, "1", "A"), viewing(2, "2", "B")}, "2 0 0 0 0 / 2"},
		{"a change of occupant", []letters.PlanRow{viewing(1, "1", "A"), viewing(2, "1", "B")}, "2 0 0 0 0 / 2"},
		{"a disaster", []letters.PlanRow{viewing(1, "1", "A"), viewing(2, "1", "A", disaster)}, "1 0 1 0 0 / 1"},
		{"a rejected row", []letters.PlanRow{viewing(1, "1", "A"), viewing(2, "", "A", rejected)}, "1 0 0 0 1 / 1"},
		{"a held companion", []letters.PlanRow{viewing(1, "1", "A"), viewing(2, "2", "A", held(letters.ReasonGlyph))}, "0 0 0 2 0 / 0"},
		{"a held repetition", []letters.PlanRow{viewing(1, "1", "A"), viewing(2, "1", "A", held(letters.ReasonHandling))}, "0 1 0 1 0 / 0"},
		{"two addresses of one case", []letters.PlanRow{viewing(1, "1", "A1"), viewing(2, "1", "A2"), viewing(3, "2", "A2")}, "0 0 0 3 0 / 0"},
		{"two カナ of one case", []letters.PlanRow{viewing(1, "1", "A", kana("x")), viewing(2, "1", "A", kana("y"))}, "0 0 0 2 0 / 0"},
		{"two カナ of two cases", []letters.PlanRow{viewing(1, "1", "A", kana("x")), viewing(2, "2", "A", kana("y"))}, "2 0 0 0 0 / 2"},
		{"two given kinds of one case", []letters.PlanRow{viewing(1, "1", "A"), viewing(2, "1", "A", kindOf(letters.Corporate, true))}, "0 0 0 2 0 / 0"},
		{"a guessed kind and a given one", []letters.PlanRow{viewing(1, "1", "A", kindOf(letters.Corporate, false)), viewing(2, "1", "A")}, "1 1 0 0 0 / 1"},
		{"a guessed kind in another case", []letters.PlanRow{viewing(1, "1", "A", kindOf(letters.Corporate, false)), viewing(2, "2", "A")}, "2 0 0 0 0 / 1"},
		{"two given kinds of two cases", []letters.PlanRow{viewing(1, "1", "A"), viewing(2, "2", "A", kindOf(letters.Corporate, true))}, "2 0 0 0 0 / 2"},
	} {
		if got := outcomes(mustPlan(t, PlanInput{Rows: c.rows}).Counts); got != c.want {
			t.Errorf("%s: got %s, want %s", c.what, got, c.want)
		}
	}
}

func TestRecipientIsCopiedFromAGivenKind(t *testing.T) {
	t.Parallel()
	p := mustPlan(t, PlanInput{Rows: []letters.PlanRow{
		viewing(1, "1", "A", kindOf(letters.Individual, false)), viewing(2, "2", "A", kindOf(letters.Corporate, true))}})
	if got := p.Letters[0].Lead.No; got != 2 {
		t.Errorf("recipient of row %d, want row 2, which says 法人", got)
	}
}

func TestChannelOfALetter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what  string
		rows  []letters.PlanRow
		want  letters.Channel
		notes int
	}{
		{"mail", []letters.PlanRow{viewing(1, "1", "A", mailTo("m")), viewing(2, "2", "A", mailTo("m"))}, letters.Email, 0},
		{"two addresses", []letters.PlanRow{viewing(1, "1", "A", mailTo("m")), viewing(2, "2", "A", mailTo("n"))}, letters.Print, 1},
		{"two wishes", []letters.PlanRow{viewing(1, "1", "A", mailTo("m")), viewing(2, "2", "A")}, letters.Print, 1},
		{"paper", []letters.PlanRow{viewing(1, "1", "A")}, letters.Print, 0},
	} {
		l := mustPlan(t, PlanInput{Rows: c.rows}).Letters[0]
		if l.Channel != c.want || len(l.Notes) != c.notes {
			t.Errorf("%s: got %s with notes %v, want %s with %d", c.what, l.Channel, l.Notes, c.want, c.notes)
		}
	}
}

// catalogue is in no alphabetic order.
func catalogue(letters.SystemCode, letters.Supply) []letters.ItemCode {
	return []letters.ItemCode{"contract_name", "retailer_code", "capacity"}
}

func TestItemsStandInCatalogueOrder(t *testing.T) {
	t.Parallel()
	rows := []letters.PlanRow{viewing(1, "1", "A", items("capacity", "contract_name")), viewing(2, "1", "A", items("retailer_code"), days("2022-09-01", "2022-11-01"))}
	for _, c := range []struct {
		order func(letters.SystemCode, letters.Supply) []letters.ItemCode
		want  []letters.ItemCode
	}{
		{catalogue, catalogue("CC", letters.Low)},
		{nil, []letters.ItemCode{"capacity", "contract_name", "retailer_code"}},
	} {
		for range 2 {
			slices.Reverse(rows)
			k := mustPlan(t, PlanInput{Rows: rows, Order: c.order}).Cases[0]
			if !slices.Equal(k.Confirmed, c.want) {
				t.Errorf("got %v, want %v", k.Confirmed, c.want)
			}
			if k.First != "2022-09-01" || k.Last != "2022-11-01" {
				t.Errorf("dates %s to %s were not widened", k.First, k.Last)
			}
		}
	}
}

// A plan that stores other words has other facts, and the same words the same.
func TestFactsAgreeWithWhatIsStored(t *testing.T) {
	t.Parallel()
	rows := []letters.PlanRow{viewing(1, "1", "A", items("capacity", "contract_name"))}
	first := mustPlan(t, PlanInput{Rows: rows, Order: catalogue}).Letters[0]
	stored := []letters.StoredLetter{{ID: first.ID, PersonKey: first.PersonKey, Facts: first.Facts, State: letters.Rendered}}
	again := mustPlan(t, PlanInput{Rows: rows, Order: catalogue, Stored: stored})
	if l := again.Letters[0]; !l.Keep || l.ID != first.ID || len(again.Cancel) != 0 {
		t.Errorf("the same list again: keep %v, want the letter as it was", l.Keep)
	}
	for what, in := range map[string]PlanInput{
		"another order of items": {Rows: rows, Stored: stored},
		"a later date":           {Rows: []letters.PlanRow{viewing(1, "1", "A", items("capacity", "contract_name"), days("2022-10-03", "2022-10-04"))}, Order: catalogue, Stored: stored},
	} {
		if l := mustPlan(t, in).Letters[0]; l.Keep || l.ID != first.ID {
			t.Errorf("%s: keep %v, want the same letter made anew", what, l.Keep)
		}
	}
	if gone := mustPlan(t, PlanInput{Stored: stored}); !slices.Equal(gone.Cancel, []letters.ID{first.ID}) {
		t.Errorf("without rows: cancelled %v, want the letter", gone.Cancel)
	}
}

func TestTold(t *testing.T) {
	t.Parallel()
	said := func(unrecorded bool, codes ...letters.ItemCode) letters.ToldCase {
		return letters.ToldCase{CaseKey: "1 A CC", FoldKey: "A", Version: 1, Confirmed: codes, Unrecorded: unrecorded,
			First: "2022-10-01", Last: "2022-10-31", LetterID: "1111111111111111", Month: "2023-01"}
	}
	all := catalogue("CC", letters.Low)
	for _, c := range []struct {
		what string
		told letters.ToldCase
		row  letters.PlanRow
		new  bool
	}{
		{"the same", said(false, "contract_name"), viewing(1, "1", "A"), false},
		{"another item", said(false, "contract_name"), viewing(1, "1", "A", items("capacity")), true},
		{"an earlier date", said(false, "contract_name"), viewing(1, "1", "A", days("2022-09-30", "2022-10-02")), true},
		{"a later date", said(false, "contract_name"), viewing(1, "1", "A", days("2022-10-30", "2022-11-01")), true},
		{"not recorded after recorded", said(false, "contract_name"), viewing(1, "1", "A", items()), true},
		{"not recorded after not recorded", said(true), viewing(1, "1", "A", items()), false},
		{"not recorded, a later date", said(true), viewing(1, "1", "A", items(), days("2022-10-30", "2022-11-01")), true},
		{"not recorded after everything", said(false, all...), viewing(1, "1", "A", items()), false},
		{"recorded after not recorded", said(true), viewing(1, "1", "A"), true},
		{"another system", said(false, "contract_name"), viewing(1, "1", "A", system("NW")), true},
	} {
		p := mustPlan(t, PlanInput{Rows: []letters.PlanRow{c.row}, Told: []letters.ToldCase{c.told}, Order: catalogue})
		if !c.new {
			if got := p.Rows[0]; got.Outcome != letters.OutExcluded || got.Reason != letters.ReasonTold || len(p.Letters) != 0 {
				t.Errorf("%s: got %s, want excluded as told", c.what, got.Outcome)
			}
			continue
		}
		if len(p.Letters) != 1 || p.Letters[0].Kind != letters.Supplementary || !slices.Equal(p.Letters[0].Refers, []letters.ID{c.told.LetterID}) {
			t.Errorf("%s: want one supplementary letter that names the first", c.what)
		}
	}
}

// What two people found wrong is told again by a letter that names it, even
// with the same facts; the corrected version then counts, and no longer what
// it took the place of.
func TestCorrectionsNameWhatTheyCorrect(t *testing.T) {
	t.Parallel()
	const wrong, right = letters.ID("1111111111111111"), letters.ID("2222222222222222")
	first := letters.ToldCase{CaseKey: "1 A CC", FoldKey: "A", Version: 1, Confirmed: []letters.ItemCode{"contract_name", "capacity"},
		First: "2022-10-01", Last: "2022-10-31", LetterID: wrong, Month: "2023-01", Kind: letters.First, Wrong: true}
	corrected := first
	corrected.Version, corrected.Confirmed, corrected.LetterID, corrected.Kind, corrected.Wrong = 2, []letters.ItemCode{"contract_name"}, right, letters.Corrected, false
	for _, c := range []struct {
		what   string
		told   []letters.ToldCase
		row    letters.PlanRow
		kind   letters.LetterKind // "" = told already
		refers letters.ID
	}{
		{"fewer items than were told", []letters.ToldCase{first}, viewing(1, "1", "A"), letters.Corrected, wrong},
		{"the same facts", []letters.ToldCase{first}, viewing(1, "1", "A", items("contract_name", "capacity")), letters.Corrected, wrong},
		{"corrected already", []letters.ToldCase{first, corrected}, viewing(1, "1", "A"), "", ""},
		{"what was taken back comes after all", []letters.ToldCase{first, corrected}, viewing(1, "1", "A", items("contract_name", "capacity")), letters.Supplementary, right},
	} {
		p := mustPlan(t, PlanInput{Rows: []letters.PlanRow{c.row}, Told: c.told, Order: catalogue})
		if c.kind == "" {
			if len(p.Letters) != 0 {
				t.Errorf("%s: planned %+v", c.what, p.Letters)
			}
			continue
		}
		if len(p.Letters) != 1 || p.Letters[0].Kind != c.kind || !slices.Contains(p.Letters[0].Refers, c.refers) {
			t.Errorf("%s: %+v, want a %s letter that names %s", c.what, p.Letters, c.kind, c.refers)
		}
	}
}
