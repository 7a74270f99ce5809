package batch

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"oshirase/letters"
)

// drawRows makes a small list in which everything that matters is frequent.
func drawRows(d *rand.Rand, n int) []letters.PlanRow {
	pick := func(words ...string) string { return words[d.IntN(len(words))] }
	rows := make([]letters.PlanRow, n)
	for i := range rows {
		name := pick("A", "A", "B")
		r := viewing(i+1, pick("1", "2", "3", "4"), name+pick("x", "x", "x", "x", "y"))
		r.System = letters.SystemCode(pick("CC", "NW"))
		r.CaseKey = r.PointKey + " " + name + " " + string(r.System) + pick("", "", "r")
		r.Kana, r.Phone = pick("", "", "", "", "", "k", "l"), pick("", "", "", "", "", "p", "q")
		r.KindGiven = d.IntN(2) == 0
		if d.IntN(12) == 0 {
			r.Kind = letters.Corporate
		}
		r.Disaster, r.Rejected, r.LastResort = d.IntN(9) == 0, d.IntN(9) == 0, d.IntN(20) == 0
		if d.IntN(8) == 0 {
			r.Held = []letters.Reason{letters.ReasonHandling}
		}
		r.Items = slices.Clone([]letters.ItemCode{"capacity", "contract_name"}[:d.IntN(3)])
		r.First = letters.Date("2022-10-0" + pick("1", "2", "3"))
		r.Last = max(r.First, letters.Date("2022-10-0"+pick("2", "4")))
		rows[i] = r
	}
	return rows
}

// oracle counts a list as the format asks, pair by pair and slowly. told are
// the keys of cases that were told in full.
func oracle(rows []letters.PlanRow, told map[string]bool) letters.Counts {
	n := letters.Counts{Rows: len(rows)}
	groups := make(map[string][]letters.PlanRow)
	var live []letters.PlanRow
	for _, r := range rows {
		switch {
		case r.Rejected:
			n.RejectedRows++
		case r.Disaster:
			n.ExcludedRows++
		case told[r.CaseKey]:
			n.ExcludedRows++
			live = append(live, r) // still speaks about the person
		default:
			live = append(live, r)
			groups[r.CaseKey] = append(groups[r.CaseKey], r)
		}
	}
	waiting := make(map[string]bool) // persons whose letter waits
	barred := make(map[string]bool)  // addresses where a contradiction stands
	for _, g := range groups {
		if anyPair(g, cannotBothBeTrue) {
			for _, r := range g {
				barred[r.FoldKey] = true
			}
		} else if slices.ContainsFunc(g, func(r letters.PlanRow) bool { return len(r.Held) > 0 }) {
			waiting[person(g, live)] = true
		}
	}
	sent := make(map[string]bool)
	for _, g := range groups {
		if anyPair(g, cannotBothBeTrue) {
			n.HeldRows += len(g)
			continue
		}
		n.MergedRows += len(g) - 1
		if who := person(g, live); waiting[who] || barred[g[0].FoldKey] {
			n.HeldRows++
		} else {
			n.LetterRows++
			sent[who] = true
		}
	}
	n.Letters = len(sent)
	return n
}

func anyPair(g []letters.PlanRow, bad func(a, b letters.PlanRow) bool) bool {
	for _, a := range g {
		for _, b := range g {
			if bad(a, b) {
				return true
			}
		}
	}
	return false
}

func apart(a, b string) bool { return a != "" && b != "" && a != b }

// twoPeople: something speaks against one person at one address.
func twoPeople(a, b letters.PlanRow) bool {
	return apart(a.Kana, b.Kana) || apart(a.Phone, b.Phone) || a.KindGiven && b.KindGiven && a.Kind != b.Kind
}

func cannotBothBeTrue(a, b letters.PlanRow) bool {
	return a.FoldKey != b.FoldKey || a.Supply != b.Supply || a.LastResort != b.LastResort || twoPeople(a, b)
}

// person names whom a case belongs to: the name and address, and where two
// people share them, all that tells them apart.
func person(g, live []letters.PlanRow) string {
	var here []letters.PlanRow
	for _, r := range live {
		if r.FoldKey == g[0].FoldKey {
			here = append(here, r)
		}
	}
	if !anyPair(here, twoPeople) {
		return g[0].FoldKey
	}
	signs := make(map[string]bool)
	for _, r := range g {
		signs["kana "+r.Kana], signs["phone "+r.Phone] = r.Kana != "", r.Phone != ""
		if r.KindGiven {
			signs["kind "+string(r.Kind)] = true
		}
	}
	maps.DeleteFunc(signs, func(_ string, given bool) bool { return !given })
	return g[0].FoldKey + fmt.Sprint(slices.Sorted(maps.Keys(signs)))
}

// describe writes what the letters of a plan tell, without IDs and without
// saying which of several equal rows leads.
func describe(p letters.Plan) string {
	cases := make(map[letters.ID][]string)
	for _, c := range p.Cases {
		cases[c.Letter] = append(cases[c.Letter], fmt.Sprint(c.CaseKey, c.Version, c.Confirmed, c.Unrecorded, c.First, c.Last))
	}
	var out []string
	for _, l := range p.Letters {
		slices.Sort(cases[l.ID])
		out = append(out, fmt.Sprint(l.PersonKey, l.Kind, l.Refers, l.Channel, len(l.Held) > 0, l.Notes, cases[l.ID]))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func TestRandomListsAgreeWithTheOracle(t *testing.T) {
	t.Parallel()
	var all letters.Counts
	for seed := range uint64(4000) {
		d := rand.New(rand.NewPCG(seed, 1))
		rows := drawRows(d, 1+d.IntN(9))
		in, told := PlanInput{Rows: rows, Order: catalogue}, make(map[string]bool)
		if d.IntN(2) == 0 {
			key := rows[0].CaseKey
			told[key] = true
			in.Told = []letters.ToldCase{{CaseKey: key, FoldKey: rows[0].FoldKey, Version: 1, Unrecorded: true,
				Confirmed: []letters.ItemCode{"capacity", "contract_name"}, First: "2022-10-01", Last: "2022-10-04", LetterID: "1"}}
		}
		p := mustPlan(t, in)
		got, want := p.Counts, oracle(rows, told)
		if got != want || !got.Balanced() {
			t.Fatalf("seed %d: got %s, want %s", seed, outcomes(got), outcomes(want))
		}
		checkPlan(t, p)
		was := describe(p)
		d.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		if now := mustPlan(t, in); now.Counts != got || describe(now) != was {
			t.Fatalf("seed %d: another order of rows gives other letters:\n%s\n\n%s", seed, was, describe(now))
		}
		all.LetterRows, all.MergedRows = all.LetterRows+got.LetterRows, all.MergedRows+got.MergedRows
		all.HeldRows, all.ExcludedRows = all.HeldRows+got.HeldRows, all.ExcludedRows+got.ExcludedRows
	}
	if min(all.LetterRows, all.MergedRows, all.HeldRows, all.ExcludedRows) < 400 {
		t.Errorf("the lists are too tame: %s", outcomes(all))
	}
}

// checkPlan proves what must hold of every plan.
func checkPlan(t *testing.T, p letters.Plan) {
	t.Helper()
	waits, cases := make(map[letters.ID]bool), make(map[string]int)
	for _, l := range p.Letters {
		if _, err := letters.ParseID(string(l.ID)); err != nil {
			t.Errorf("letter ID: %v", err)
		}
		waits[l.ID] = len(l.Held) > 0
	}
	for _, c := range p.Cases {
		if cases[c.CaseKey]++; cases[c.CaseKey] > 1 {
			t.Errorf("case %q is in two letters", c.CaseKey)
		}
		if _, known := waits[c.Letter]; !known {
			t.Errorf("case %q is in no letter", c.CaseKey)
		}
	}
	for _, r := range p.Rows {
		switch r.Outcome {
		case letters.OutLetter:
			if waits[r.Letter] {
				t.Errorf("row %d is in a letter that is held", r.No)
			}
		case letters.OutHeld:
			if !waits[r.Letter] || r.Reason == "" {
				t.Errorf("row %d is held (%q) in a letter that is not", r.No, r.Reason)
			}
		}
	}
}

func BenchmarkMakePlan(b *testing.B) {
	d := rand.New(rand.NewPCG(1, 1))
	rows := make([]letters.PlanRow, 50_000)
	for i := range rows {
		point := fmt.Sprintf("%06d", d.IntN(45_000))
		rows[i] = viewing(i+1, point, "A"+point[:5])
	}
	b.ReportAllocs()
	for b.Loop() {
		mustPlan(b, PlanInput{Rows: rows, Order: catalogue})
	}
}
