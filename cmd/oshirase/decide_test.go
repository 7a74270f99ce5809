package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"oshirase/batch/email"
	"oshirase/letters"
	"oshirase/letters/store"
)

// sentMonth plays a month of made-up lists until its letters are in the print
// folder and in the mail sink.
func (o *office) sentMonth(contracts int) {
	o.t.Helper()
	o.approved(contracts)
	o.sendsTo()
	o.releaseAll("2023-02")
	o.ok("work", "--once")
}

// sendsTo opens a mail server that takes everything.
func (o *office) sendsTo() {
	o.t.Helper()
	sink, err := email.StartSink(filepath.Join(o.home, "mails"), "127.0.0.1:0")
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { sink.Close() })
	o.env["OSHIRASE_MAIL_HOST"], o.env["OSHIRASE_MAIL_PORT"] = "127.0.0.1", strconv.Itoa(sink.Port())
	o.env["OSHIRASE_MAIL_FROM"], o.env["OSHIRASE_MAIL_RETURN_DOMAIN"] = "oshirase@example.jp", "bounce.example.jp"
	o.env["OSHIRASE_MAIL_PER_MINUTE"] = "0"
}

func (o *office) releaseAll(month string) {
	o.t.Helper()
	dry := counts(o.t, o.ok("release", month, "--json"))
	o.ok("release", month, "--as", "jiro", "--expect", fmt.Sprint(dry["total"]))
}

// ledger opens the office's ledger beside the commands.
func (o *office) ledger(look func(s *store.Store)) {
	o.t.Helper()
	target := o.db
	if target == "" {
		target = filepath.Join(o.home, "ledger.db")
	}
	p := &program{now: o.clock}
	s, err := store.Open(context.Background(), target, store.Options{Now: p.now})
	if err != nil {
		o.t.Fatal(err)
	}
	look(s)
	if err := s.Close(); err != nil {
		o.t.Fatal(err)
	}
}

// in returns the IDs of the letters whose newest generation stands in a state.
func (o *office) in(state letters.State) []letters.ID {
	o.t.Helper()
	var ids []letters.ID
	o.ledger(func(s *store.Store) {
		var err error
		if ids, err = s.Undecided(context.Background(), state, ""); err != nil {
			o.t.Fatal(err)
		}
	})
	return ids
}

// move makes one step behind the commands' back, as a reader of bounces would.
func (o *office) move(id letters.ID, to letters.State, guard letters.Guard, why string) {
	o.t.Helper()
	o.ledger(func(s *store.Store) {
		_, all, err := s.Letter(context.Background(), id)
		if err != nil {
			o.t.Fatal(err)
		}
		d := all[len(all)-1]
		_, err = s.Step(context.Background(), letters.Step{LetterID: id, Generation: d.Generation, Token: d.Token, From: d.State, To: to,
			Guard: guard, Actor: "reader", At: o.now.UnixMicro(), Why: why})
		if err != nil {
			o.t.Fatal(err)
		}
	})
}

// TestBouncedLetterGoesOutOnPaper: proposed by one, confirmed by another, it is
// rendered, approved, released and printed as its second generation, to the
// corrected address, weeks after its month was approved.
func TestBouncedLetterGoesOutOnPaper(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		o.sentMonth(60)
		bounced := o.in(letters.Accepted)[:2]
		for _, id := range bounced {
			o.move(id, letters.Bounced, letters.ByReceipt, "hard 5.1.1")
		}
		o.now = o.now.AddDate(0, 0, 20)
		first := bounced[0].Groups()
		o.ends(4, "decide", first, "--propose", "received", "--reason", "誤り", "--as", "hana")
		o.ends(4, "decide", first, "--propose", "resend_print", "--reason", "〒810-0001へ", "--recipients", o.readdress(bounced[0]), "--as", "hana")
		out := o.ok("decide", "--waiting", "bounced", "--propose", "resend_print", "--reason", "不達のため郵送とする",
			"--recipients", o.readdress(bounced[0]), "--as", "hana", "--json")
		var made decideJSON
		if err := json.Unmarshal([]byte(out), &made); err != nil || len(made.Decisions) != 1 || made.Decisions[0].Count != 2 {
			t.Fatalf("the proposal does not cover both: %v\n%s", err, out)
		}
		number := fmt.Sprint(made.Decisions[0].Decision)
		if n := o.in(letters.Bounced); len(n) != 0 {
			t.Errorf("%d letters could be proposed twice", len(n))
		}
		if listed := o.ok("decide", "--list"); !strings.Contains(listed, "不達のため郵送とする") {
			t.Errorf("the proposal is not listed:\n%s", listed)
		}
		o.ends(4, "decide", first, "--confirm", "--as", "jiro") // the other letter is not named
		o.ends(4, "decide", "--decision", number, "--confirm", "--as", "hana")
		if out = o.ok("decide", "--decision", number, "--confirm", "--as", "jiro"); !strings.Contains(out, "2023-02 に、作成を待つ手紙") {
			t.Errorf("nobody is told what to do next:\n%s", out)
		}
		o.ok("reconcile")
		o.ends(4, "approve", "2023-02", "--as", "jiro") // not rendered yet
		rendered := counts(t, o.ok("render", "2023-02", "--as", "hana", "--date", "2023-02-28", "--json"))
		if rendered["rendered"] != 2 {
			t.Errorf("rendered %v letters, want the two that are sent again", rendered["rendered"])
		}
		o.ends(4, "render", "2023-02", "--as", "jiro", "--date", "2023-02-28")
		o.ok("approve", "2023-02", "--as", "jiro")
		if dry := counts(t, o.ok("release", "2023-02", "--json")); dry["print"] != 2 || dry["email"] != 0 {
			t.Errorf("would release %v", dry)
		}
		o.releaseAll("2023-02")
		o.ok("work", "--once")
		o.ok("reconcile")
		if n := o.secondGenerations(); n != 2 {
			t.Errorf("%d second generations stand in the print folder, want 2", n)
		}
		shown := o.ok("show", first, "--as", "hana", "--reason", "照会")
		if !strings.Contains(shown, "810-0001") && !strings.Contains(shown, "8100001") {
			t.Errorf("the corrected address is not shown:\n%s", shown)
		}
	})
}

// readdress writes a list with one corrected recipient.
func (o *office) readdress(id letters.ID) string {
	return o.file("recipients.csv", "通知番号,郵便番号,住所\n"+id.Groups()+",810-0001,福岡市中央区天神9-9\n")
}

// secondGenerations counts letters of generation 2 in all manifests.
func (o *office) secondGenerations() int {
	o.t.Helper()
	manifests, err := filepath.Glob(filepath.Join(o.home, "print", "*", "manifest.json"))
	if err != nil {
		o.t.Fatal(err)
	}
	n := 0
	for _, path := range manifests {
		var m struct {
			Items []struct {
				Generation int `json:"generation"`
			} `json:"items"`
		}
		b, err := os.ReadFile(path)
		if err := errors.Join(err, json.Unmarshal(b, &m)); err != nil {
			o.t.Fatal(err)
		}
		for _, it := range m.Items {
			if it.Generation == 2 {
				n++
			}
		}
	}
	return n
}

func (o *office) clock() time.Time { return o.now }

// TestCorrectedLetters: two people find the letters of a month wrong; the next
// list tells the same cases again as corrections that name them, once.
func TestCorrectedLetters(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	o.sentMonth(20)
	wrong := o.in(letters.HandedOver)
	o.ok("decide", "--waiting", "handed_over", "--propose", "correct", "--reason", "項目の転記に誤りがあった", "--as", "hana")
	o.ok("decide", "--decision", "1", "--confirm", "--as", "jiro")
	o.now = o.now.AddDate(0, 1, 0)
	again := filepath.Join(o.home, "again")
	o.ok("sample", "--contracts", "20", "--encoding", "utf8", "--out", again)
	o.ends(5, "import", "2023-03", "--as", "hana", "--retailers", filepath.Join(again, "retailers.csv"), filepath.Join(again, "list.csv"))
	corrections := 0
	for _, id := range o.in(letters.Planned) { // names that the first list's encoding lacked are new, too
		story := o.ok("show", id.Groups(), "--as", "hana", "--reason", "確認")
		if !strings.Contains(story, "訂正のお知らせ") {
			continue
		}
		corrections++
		if !slices.ContainsFunc(wrong, func(w letters.ID) bool { return strings.Contains(story, w.Groups()) }) {
			t.Errorf("the correction does not name what it corrects:\n%s", story)
		}
	}
	if corrections < len(wrong)/2 || corrections > len(wrong) {
		t.Errorf("%d corrections planned of %d letters that are wrong", corrections, len(wrong))
	}
	o.ok("render", "2023-03", "--as", "hana", "--date", "2023-03-08")
	o.ok("reconcile")
}
