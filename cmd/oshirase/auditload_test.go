//go:build load

package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"oshirase/letters"
	"oshirase/letters/audit"
)

// auditRecords is how many records the chain has: a million, or as
// OSHIRASE_AUDIT_RECORDS says for a first try.
func auditRecords() int {
	if n, err := strconv.Atoi(os.Getenv("OSHIRASE_AUDIT_RECORDS")); err == nil {
		return n
	}
	return 1_000_000
}

// TestAuditOfAMillion fills the chain of each storage with 400 days of calls,
// and times the pages of 監査 in a serve of its own and the commands as
// processes, with their peak memory.
func TestAuditOfAMillion(t *testing.T) {
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		o.now = time.Now()
		o.ok("user", "add", "agent0", "--role", "audit")
		began := time.Now()
		rare := o.fillChain(t)
		t.Logf("%d records filled in %s", auditRecords(), time.Since(began).Round(time.Second))
		o.timePages(t, rare)
		o.timeCommands(t)
	})
}

// TestAuditAppends tells how many records a second a chain takes in commits
// of fifty, as fifty agents at once make them: the pages of 監査 may cost the
// looks nothing.
func TestAuditAppends(t *testing.T) {
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		log, closeLog, err := o.opened().chain()
		if err != nil {
			t.Fatal(err)
		}
		defer closeLog()
		r, n, lasts := rand.New(rand.NewPCG(5, 6)), 0, 5*time.Second
		for began := time.Now(); time.Since(began) < lasts; {
			var list []audit.Dated
			for len(list) < 50 {
				list = append(list, callRecords(r, o.now, loadLetterID(r.IntN(300_000)))...)
			}
			if _, err := log.Append(t.Context(), list); err != nil {
				t.Fatal(err)
			}
			n += len(list)
		}
		t.Logf("%.0f records a second", float64(n)/lasts.Seconds())
	})
}

// fillChain records calls of fifty agents as the desk does, in commits of ten
// thousand, and returns a letter that was looked at once.
func (o *office) fillChain(t *testing.T) (rare string) {
	h := o.opened()
	log, closeLog, err := h.chain()
	if err != nil {
		t.Fatal(err)
	}
	defer closeLog()
	r, n := rand.New(rand.NewPCG(5, 6)), auditRecords()
	at := o.now.AddDate(0, 0, -400)
	pause := o.now.Sub(at) / time.Duration(n)
	var list []audit.Dated
	for done := 0; done < n; {
		id := loadLetterID(r.IntN(300_000))
		if done > n/3 && rare == "" {
			id = loadLetterID(999_999)
			rare = string(id)
		}
		call := callRecords(r, at, id)
		for i := range call {
			call[i].At = at
			at = at.Add(pause)
		}
		list, done = append(list, call...), done+len(call)
		if len(list) >= 10_000 || done >= n {
			if _, err := log.Append(t.Context(), list); err != nil {
				t.Fatal(err)
			}
			list = list[:0]
		}
	}
	return rare
}

func loadLetterID(i int) letters.ID {
	body := fmt.Sprint(10_000_000_000_000 + (i+1)*89_999_957)
	for check := range 100 {
		if id, fault := letters.ReadNumber(fmt.Sprintf("%s%02d", body, check)); fault == letters.NumberGood {
			return id
		}
	}
	return ""
}

// callRecords is one call as the desk records it.
func callRecords(r *rand.Rand, at time.Time, id letters.ID) (list []audit.Dated) {
	who, from := fmt.Sprintf("callcenter-%02d", r.IntN(50)), fmt.Sprintf("10.20.%d.%d", r.IntN(4), r.IntN(250))
	add := func(action, reason, outcome string) {
		list = append(list, audit.Dated{At: at, Entry: audit.Entry{Actor: who, Action: action, Object: string(id), Reason: reason, Outcome: outcome, Client: from}})
	}
	add("lookup", "number", "asked")
	add("caller", "phone", "asked")
	if r.IntN(20) == 0 {
		add("caller", "phone", "mismatch")
		return list
	}
	add("caller", "phone", "match")
	add("purpose", "content", "asked")
	add("letter", "content", "shown")
	if r.IntN(3) == 0 {
		add("unmask", "content name", "shown")
	}
	if r.IntN(2000) == 0 {
		add("lookup", "limit", "stopped")
	}
	add("inquiry", "explained", "done")
	return list
}

// timePages asks for the pages as an auditor's browser does, each five times.
func (o *office) timePages(t *testing.T, rare string) {
	base := o.serveAlone(t)
	a := signedInAgent(t, base, 0)
	day := func(back int) string { return string(letters.DateOf(o.now.AddDate(0, 0, -back))) }
	all, year := "from="+day(410)+"&to="+day(0), "from="+day(400)+"&to="+day(30)
	month := string(letters.MonthOf(o.now.AddDate(0, -3, 0)))
	for _, c := range []struct{ name, path string }{
		{"first view after start", "/audit"},
		{"last week", "/audit"},
		{"all, the tail", "/audit?" + all},
		{"a page far back", "/audit?" + all + "&before=" + fmt.Sprint(auditRecords()/4)},
		{"a day a year ago", "/audit?from=" + day(365) + "&to=" + day(365)},
		{"a person", "/audit?" + all + "&actor=callcenter-07"},
		{"a person, far back", "/audit?" + all + "&actor=callcenter-07&before=" + fmt.Sprint(auditRecords()/4)},
		{"a person there is not", "/audit?" + all + "&actor=nobody-here"},
		{"a letter seen once", "/audit?" + all + "&object=" + rare},
		{"a letter of many", "/audit?" + all + "&object=" + string(loadLetterID(77))},
		{"an action", "/audit?" + all + "&action=unmask"},
		{"an action that is rare", "/audit?" + all + "&action=sign_in"},
		{"an outcome", "/audit?" + all + "&outcome=stopped"},
		{"person and outcome", "/audit?" + all + "&actor=callcenter-07&outcome=stopped"},
		{"person, action, period", "/audit?" + year + "&actor=callcenter-07&action=unmask"},
		{"a role", "/audit?" + all + "&role=audit"},
		{"a part of the reason", "/audit?" + all + "&reason=limit"},
		{"a reason there is not", "/audit?" + all + "&reason=nothing-like-it"},
		{"analysis, first view", "/access?month=" + month},
		{"analysis of a month", "/access?month=" + month},
		{"the chain's page", "/chain"},
	} {
		o.timePage(t, a, c.name, c.path)
	}
	began := time.Now()
	if status, _, _, err := a.send(t.Context(), "POST", "/chain", nil); err != nil || status != http.StatusSeeOther {
		t.Errorf("the chain verified at the desk: status %d, %v", status, err)
	}
	for body := ""; !strings.Contains(body, "すべてそろっています"); time.Sleep(50 * time.Millisecond) {
		var err error
		if _, _, body, err = a.send(t.Context(), "GET", "/chain", nil); err != nil || strings.Contains(body, "verdict bad") {
			t.Fatalf("the chain verified at the desk: %v\n%s", err, body)
		}
	}
	t.Logf("%-26s %9s", "verified at the desk", time.Since(began).Round(time.Millisecond))
	t.Logf("serve's peak memory %s", peakOf(t))
}

func (o *office) timePage(t *testing.T, a *loadAgent, name, path string) {
	var took []time.Duration
	for range 5 {
		began := time.Now()
		status, _, body, err := a.send(t.Context(), "GET", path, nil)
		took = append(took, time.Since(began))
		if err != nil || status != http.StatusOK {
			t.Fatalf("%s: status %d, %v\n%s", name, status, err, body)
		}
		if strings.Contains(name, "first view") || took[0] > 2*time.Second {
			break // what is slow is not asked for again
		}
	}
	slices.Sort(took)
	t.Logf("%-26s %9s  (worst %s)", name, took[len(took)/2].Round(100*time.Microsecond), took[len(took)-1].Round(100*time.Microsecond))
}

// peakOf is the peak memory of the serve that this test started.
func peakOf(t *testing.T) string {
	children, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range children {
		ids, err := os.ReadFile(c)
		if err != nil {
			continue // the thread has ended
		}
		for _, id := range strings.Fields(string(ids)) {
			status, _ := os.ReadFile("/proc/" + id + "/status")
			if _, peak, ok := strings.Cut(string(status), "VmHWM:"); ok && strings.Contains(string(status), "oshirase") {
				line, _, _ := strings.Cut(peak, "\n")
				return strings.TrimSpace(line)
			}
		}
	}
	return "unknown"
}

// timeCommands runs what the auditor types as processes of their own.
func (o *office) timeCommands(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "oshirase")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	month := string(letters.MonthOf(o.now.AddDate(0, -3, 0)))
	for _, line := range [][]string{{"audit", "verify"}, {"audit", "report", month}, {"audit", "anchor"}} {
		cmd := exec.Command(bin, append([]string{"--home", o.home, "--db", o.db}, line...)...)
		began := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", line, err, out)
		}
		rss := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
		t.Logf("%-26s %9s  %d MiB, %s of the processor", strings.Join(line, " "), time.Since(began).Round(time.Millisecond), rss>>10,
			(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Round(10*time.Millisecond))
	}
	t.Logf("%d processors", runtime.NumCPU())
}
