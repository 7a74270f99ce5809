package main

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"oshirase/batch/desk"
	"oshirase/letters"
	"oshirase/letters/audit"
)

// TestDeskFindsWhatStandsInTheChain asks the desk's log with filters drawn at
// random, and reads the whole chain to say what must come.
func TestDeskFindsWhatStandsInTheChain(t *testing.T) {
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		h := o.opened()
		d, closeChain, err := h.deskChain(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer closeChain()
		r, found, roles := rand.New(rand.NewPCG(7, 8)), 0, map[string]letters.Role{"hana": letters.RolePrepare, "jiro": letters.RoleApprove}
		for _, more := range []int{40, 1200, 3, 1100} {
			lookAbout(t, d.log, r, o.now, more)
			for range 60 {
				f, most := someFilter(r, o.now), 1+r.IntN(120)
				want := plainList(t, d.log, f, roles, most)
				got, err := d.Entries(t.Context(), f, most)
				if err != nil || !reflect.DeepEqual(got, want) {
					t.Fatalf("%+v: %d records, more %v, %v, want %d, %v", f, len(got.Entries), got.More, err, len(want.Entries), want.More)
				}
				found += len(got.Entries)
			}
		}
		if found < 500 {
			t.Errorf("%d records found in all", found)
		}
	})
}

func lookAbout(t *testing.T, log audit.Log, r *rand.Rand, now time.Time, n int) {
	t.Helper()
	var list []audit.Dated
	for range n {
		list = append(list, audit.Dated{At: now.Add(time.Duration(r.IntN(10*24*3600)) * time.Second), Entry: audit.Entry{
			Actor: []string{"hana", "jiro", "gone", "mika"}[r.IntN(4)], Action: []string{"lookup", "letter"}[r.IntN(2)],
			Object: fmt.Sprintf("%016d", r.IntN(300)), Reason: []string{"number", "content 電話"}[r.IntN(2)], Outcome: []string{"asked", "shown"}[r.IntN(2)]}})
	}
	if _, err := log.Append(t.Context(), list); err != nil {
		t.Fatal(err)
	}
}

func someFilter(r *rand.Rand, now time.Time) desk.AuditFilter {
	one := func(all ...string) string { return append(all, make([]string, 2*len(all))...)[r.IntN(3*len(all))] }
	day := func() letters.Date { return letters.Date(one(string(letters.DateOf(now).AddDays(r.IntN(12) - 1)))) }
	return desk.AuditFilter{From: day(), To: day(), Actor: one("hana", "gone", "nobody"), Action: one("letter"), Object: one(fmt.Sprintf("%016d", r.IntN(300))),
		Outcome: one("shown"), Reason: one("電", "none such"), Role: letters.Role(one("prepare", "audit")), Before: int64(r.IntN(2) * r.IntN(2400))}
}

// plainList is the filter's meaning, record by record.
func plainList(t *testing.T, log audit.Log, f desk.AuditFilter, roles map[string]letters.Role, most int) (list desk.AuditList) {
	t.Helper()
	for rec, err := range log.Since(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		day := letters.DateOf(time.UnixMicro(rec.At))
		same := func(asked, is string) bool { return asked == "" || asked == is }
		if same(f.Actor, rec.Actor) && same(f.Action, rec.Action) && same(f.Object, rec.Object) && same(f.Outcome, rec.Outcome) &&
			same(string(f.Role), string(roles[rec.Actor])) && strings.Contains(rec.Reason, f.Reason) && (f.Before == 0 || rec.N < f.Before) &&
			(f.From == "" || day >= f.From) && (f.To == "" || day <= f.To) {
			list.Entries = append([]desk.AuditEntry{{N: rec.N, At: rec.At, Actor: rec.Actor, Action: rec.Action, Object: rec.Object, Reason: rec.Reason,
				Outcome: rec.Outcome, Client: rec.Client, Role: roles[rec.Actor]}}, list.Entries...)
		}
	}
	if len(list.Entries) > most {
		list.Entries, list.More = list.Entries[:most], true
	}
	return list
}

// TestDeskTellsOfATamperedChain alters a record while the desk runs: the log
// shows what stands there and says so, the analysis is refused, and the
// verification names the record.
func TestDeskTellsOfATamperedChain(t *testing.T) {
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		h := anchored(t, o, 12)
		d, closeChain, err := h.deskChain(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer closeChain()
		month := letters.MonthOf(o.now)
		if got, err := d.Entries(t.Context(), desk.AuditFilter{}, 100); err != nil || got.Bad != 0 || len(got.Entries) != 12 {
			t.Fatalf("untouched: %+v, %v", got, err)
		}
		if a, err := d.Access(t.Context(), month); err != nil || a.Looks != 12 {
			t.Fatalf("untouched: %+v, %v", a, err)
		}
		if v, err := d.Verify(t.Context()); err != nil || v.Bad != 0 || v.Records != 12 || v.Anchors != 2 {
			t.Fatalf("untouched: %+v, %v", v, err)
		}
		var k keeper = fileKeeper{t, filepath.Join(o.home, "audit.jsonl")}
		if db != "" {
			k = newTableKeeper(t, db)
		}
		rows := k.read()
		rows[6].Line = strings.Replace(rows[6].Line, `"hana"`, `"jiro"`, 1)
		k.write(rows)
		if got, err := d.Entries(t.Context(), desk.AuditFilter{Actor: "jiro"}, 100); err != nil || got.Bad != 7 || len(got.Entries) != 1 {
			t.Errorf("altered: %+v, %v", got, err)
		}
		if _, err := d.Access(t.Context(), month); err == nil || !strings.Contains(err.Error(), desk.ErrBrokenChain.Error()) {
			t.Errorf("altered: analysed, %v", err)
		}
		if v, err := d.Verify(t.Context()); err != nil || v.Bad != 7 || v.Fault != "hash" {
			t.Errorf("altered: %+v, %v", v, err)
		}
	})
}
