package main

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
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
	t.Parallel()
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
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		h := anchored(t, o, 12)
		d, closeChain, err := h.deskChain(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer closeChain()
		month := letters.MonthOf(o.now)
		if got, err := d.Entries(t.Context(), desk.AuditFilter{}, 100); err != nil || got.Bad != 0 || len(got.Entries) != officeRecords+12 {
			t.Fatalf("untouched: %+v, %v", got, err)
		}
		if a, err := d.Access(t.Context(), month); err != nil || a.Looks != 12 {
			t.Fatalf("untouched: %+v, %v", a, err)
		}
		if v, err := d.verify(t.Context()); err != nil || v.Bad != 0 || v.Records != officeRecords+12 || v.Anchors != 2 {
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
		if err := d.Verify(t.Context()); err != nil {
			t.Fatal(err)
		}
		s, err := d.Chain(t.Context())
		for err == nil && s.Check.Running { // a busy machine
			err = d.Verify(t.Context())
			s, _ = d.Chain(t.Context())
		}
		if c := s.Check; err != nil || c.Verdict.Bad != 7 || c.Verdict.Fault != "hash" || c.At == 0 || c.Failed {
			t.Errorf("altered: %+v, %v", c, err)
		}
	})
}

// auditMonth writes a month of calls into the chain, with the inquiries that
// most of them end with: two agents as they should be, one who looks at night
// and at weekends and records nothing, one who is stopped, and 広報 who show
// a letter at the terminal.
func (o *office) auditMonth(month letters.Month) {
	o.t.Helper()
	for _, name := range []string{"kana", "mika", "taro", "yumi"} {
		o.ok("user", "add", name, "--role", "callcenter")
	}
	h := o.opened()
	log, closeLog, err := h.chain()
	if err != nil {
		o.t.Fatal(err)
	}
	defer closeLog()
	db, err := sql.Open("sqlite", filepath.Join(o.home, "ledger.db"))
	if err != nil {
		o.t.Fatal(err)
	}
	defer db.Close()
	ids := o.in(letters.Rendered)
	first, calls := letters.Date(month+"-01").Time(), 0
	add := func(who string, day, hour, minute int, records ...[3]string) {
		at := first.AddDate(0, 0, day).Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
		var list []audit.Dated
		for i, r := range records {
			list = append(list, audit.Dated{At: at.Add(time.Duration(i) * 40 * time.Second), Entry: audit.Entry{Actor: who, Action: r[0],
				Object: string(ids[calls%len(ids)]), Reason: r[1], Outcome: r[2], Client: "192.0.2." + fmt.Sprint(10+len(who))}})
		}
		if _, err := log.Append(o.t.Context(), list); err != nil {
			o.t.Fatal(err)
		}
	}
	call := [][3]string{{"lookup", "number", "asked"}, {"caller", "phone", "asked"}, {"caller", "phone", "match"}, {"purpose", "content", "asked"}, {"letter", "content", "shown"}}
	handle := func(who string, day, hour, minute int) {
		at := first.AddDate(0, 0, day).Add(time.Duration(hour)*time.Hour + time.Duration(minute+5)*time.Minute).UnixMicro()
		id := fmt.Sprintf("%032d", calls)
		for _, q := range []string{`INSERT INTO caller_call (call_id, user_name, letter_id, found_by, answer, opened_at) VALUES (?, ?, ?, 'number', 'found', ?)`,
			`INSERT INTO inquiry (call_id, user_name, letter_id, at, caller, proxy, purpose, outcome, harm, note) VALUES (?, ?, ?, ?, 'self', '', 'content', 'explained', 0, '')`} {
			if _, err := db.Exec(q, id, who, ids[calls%len(ids)], at); err != nil {
				o.t.Fatal(err)
			}
		}
	}
	for day := range 27 {
		if wd := first.AddDate(0, 0, day).Weekday(); wd == time.Saturday || wd == time.Sunday {
			if day%3 == 0 {
				add("taro", day, 14, 5, append(call, [3]string{"unmask", "content name", "shown"}, [3]string{"unmask", "content address", "shown"})...)
				calls++
			}
			continue
		}
		for _, who := range []string{"kana", "mika", "yumi"} {
			for n := range 3 + day%3 {
				hour, minute := 9+(n*3+day+len(who))%9, (n*17+day)%60
				records := slices.Clone(call)
				if n == 1 {
					records = append(records, [3]string{"unmask", "content phone", "shown"})
				}
				add(who, day, hour, minute, records...)
				handle(who, day, hour, minute)
				calls++
			}
		}
		if day%5 == 0 {
			add("taro", day, 22, 40, call...)
			calls++
			add("mika", day, 11, 3, [3]string{"lookup", "number", "asked"}, [3]string{"caller", "phone", "asked"}, [3]string{"caller", "phone", "mismatch"})
			calls++
		}
	}
	add("yumi", 20, 15, 30, [3]string{"search", "content", "asked"}, [3]string{"search", "content", "asked"}, [3]string{"lookup", "limit", "stopped"})
	add("hana", 12, 16, 10, [3]string{"show", "ticket 12", "shown"})
	add("nobody", 13, 3, 10, [3]string{"sign_in", "local", "refused"}, [3]string{"sign_in", "local", "refused"})
}

// TestAuditorsMonthInABrowser is an auditor's way: the month, a person's
// records, what was stopped, a letter seen without an inquiry, the chain.
func TestAuditorsMonthInABrowser(t *testing.T) {
	t.Parallel()
	o := newDeskOffice(t)
	month := letters.MonthOf(letters.Date(letters.MonthOf(o.now)+"-01").Time().AddDate(0, -1, 0))
	o.auditMonth(month)
	o.ok("audit", "anchor")
	c := newChrome(t, o.serving())
	c.signIn("audit", officePassword)
	c.open("/access?month=" + string(month))
	c.says("taro", "お問合せの記録なし", "回数超過で停止", "サインインの失敗は2件です")
	c.look("auditor-month")
	c.press("a[href*='actor=taro'][href*='action=unmask']")
	c.says("伏せた項目の表示", "taro")
	c.look("auditor-unmasked")
	c.open("/access?month=" + string(month))
	c.press("#unexplained ~ .scroll a")
	c.says("手紙の内容", "taro")
	c.look("auditor-letter")
	c.open("/audit")
	c.look("auditor-log")
	c.open("/chain")
	c.press("main form button")
	c.says("記録はすべてそろっています")
	c.look("auditor-chain")
}
