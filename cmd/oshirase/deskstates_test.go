package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"oshirase/letters"
	"oshirase/letters/store"
)

// TestPagesBeforeAnythingIsThere: no month, no packets, nobody who called.
func TestPagesBeforeAnythingIsThere(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	for _, role := range []string{"retail", "audit", "admin"} {
		o.ok("user", "add", role, "--role", role)
	}
	c := newChrome(t, o.serving())
	for _, p := range []struct{ who, path, says string }{
		{"hana", "/board", "取り込んだ月は、まだありません"}, {"hana", "/decisions", "確定を待つ提案はありません"},
		{"hana", "/wishes", "ご希望はありません"}, {"retail", "/packets", "まだありません"}, {"admin", "/users", "hana"},
		{"audit", "/access?month=2020-01", "閲覧はありません"}, {"audit", "/audit?from=2020-01-01&to=2020-01-31", "記録はありません"},
	} {
		c.signIn(p.who, officePassword)
		c.open(p.path)
		c.says(p.says)
		path, _, _ := strings.Cut(p.path[1:], "?")
		c.look("nothing-" + path)
		c.signOut()
	}
}

// TestPagesOfTrouble: too many look-ups; a ledger that fails while something
// is typed, which goes on from there.
func TestPagesOfTrouble(t *testing.T) {
	t.Parallel()
	o := newDeskOffice(t)
	o.env["OSHIRASE_DESK_LOOKS_STOP"] = "2"
	who, _ := o.callable()
	c := newChrome(t, o.serving())
	c.signIn("callcenter", officePassword)
	for range 2 {
		c.open("/calls")
		c.enter(string(who.LetterID))
	}
	c.says("いまは照会できません", "前の画面に戻る")
	c.look("looks-stopped")
	c.signOut()
	c.signIn("hana", officePassword)
	c.open("/decisions")
	held := ask(c, chromedp.Evaluate[string](`document.querySelector("[aria-labelledby=d4] .ids li").textContent`))
	c.fill("#decide_letters", held, "#decide_reason", "時間をかけて書いた理由")
	c.set("#decide_action", "cancel")
	o.exec(`ALTER TABLE decision RENAME TO decision_away`)
	c.press("[aria-labelledby=d3] button")
	c.says("処理の途中で問題が起きました", "お預かりしています", "受付番号")
	c.look("failed")
	o.exec(`ALTER TABLE decision_away RENAME TO decision`)
	c.press("main form button")
	c.says("提案を記録しました", "時間をかけて書いた理由")
	o.ok("reconcile")
}

// TestLettersOfManyContractsAndLongNames: the largest letters of a month at the
// desk, their buttons in sight.
func TestLettersOfManyContractsAndLongNames(t *testing.T) {
	t.Parallel()
	o := newDeskOffice(t)
	most, longest := letters.Subject{}, letters.Subject{}
	rows := 0
	o.ledger(func(s *store.Store) {
		err := s.Letters(t.Context(), letters.MonthOf(o.now), []letters.State{letters.Rendered}, func(l letters.Letter, _ letters.Dispatch) error {
			if len(l.Recipient.Phone) < 10 {
				return nil
			}
			sub, err := s.Subject(t.Context(), l.ID)
			if len(l.Cases) > rows {
				most, rows = sub, len(l.Cases)
			}
			if len(sub.Name) > len(longest.Name) {
				longest = sub
			}
			return err
		})
		if err != nil || rows < 3 || len([]rune(longest.Name)) < 12 {
			t.Fatalf("%d rows, longest name %d, %v", rows, len(longest.Name), err)
		}
	})
	c := newChrome(t, o.serving())
	c.signIn("callcenter", officePassword)
	for name, who := range map[string]letters.Subject{"letter-of-many": most, "letter-long-name": longest} {
		c.open("/calls")
		c.enter(string(who.LetterID))
		c.enter(who.Phone[len(who.Phone)-4:])
		c.see("#purpose")
		c.tick("[value=self]")
		c.tick("[value=content]")
		c.press("main form button.main")
		c.look(name)
		c.alt("1")
		c.says(who.Name)
		c.look(name + "-opened")
	}
}
