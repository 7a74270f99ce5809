package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"oshirase/letters"
	"oshirase/letters/store"
)

// callable is a rendered letter whose recipient left a telephone number.
func (o *office) callable() (found letters.Subject, rows int) {
	o.t.Helper()
	o.ledger(func(s *store.Store) {
		err := s.Letters(o.t.Context(), letters.MonthOf(o.now), []letters.State{letters.Rendered}, func(l letters.Letter, _ letters.Dispatch) error {
			if n := len(l.Cases); len(l.Recipient.Phone) >= 10 && l.Channel == letters.Print && n > rows {
				sub, err := s.Subject(o.t.Context(), l.ID)
				found, rows = sub, n
				return err
			}
			return nil
		})
		if err != nil || found.LetterID == "" {
			o.t.Fatalf("no letter to ask about: %v", err)
		}
	})
	return found, rows
}

// keys types into whatever has the focus.
func (c *chrome) keys(text string) { c.t.Helper(); c.do(chromedp.KeyEvent(text)) }

// enter types into the field that has the focus, once one has it, and waits
// for the next page.
func (c *chrome) enter(text string) {
	c.t.Helper()
	if text != "" {
		c.do(chromedp.WaitVisible("input:focus, textarea:focus")) // it gets the focus when it is drawn
		c.keys(text)
	}
	c.comes(chromedp.KeyEvent(kb.Enter))
}

// alt presses Alt with a digit and waits for the next page.
func (c *chrome) alt(digit string) {
	c.t.Helper()
	c.comes(chromedp.KeyEvent(digit, chromedp.KeyModifiers(1)))
}

// focused is the id or name of what has the focus.
func (c *chrome) focused() string {
	c.t.Helper()
	return ask(c, chromedp.Evaluate[string](`document.activeElement.id || document.activeElement.name || document.activeElement.tagName`))
}

// TestCallByKeyboardAlone is an agent with a headset: number, check, purpose,
// letter, a field, the letter as sent, the record, without the mouse.
func TestCallByKeyboardAlone(t *testing.T) {
	t.Parallel()
	o := newDeskOffice(t)
	who, _ := o.callable()
	c := newChrome(t, o.serving())
	c.signIn("callcenter", officePassword)
	c.open("/calls")
	c.look("call-1-number")
	wrong := string(who.LetterID[:15]) + string((who.LetterID[15]-'0'+1)%10+'0')
	c.enter(wrong)
	c.says("打ち間違いか聞き違い")
	c.look("call-2-mistyped")
	c.open("/calls")
	c.enter(strings.ReplaceAll(who.LetterID.Groups(), "-", "　"))
	c.look("call-3-check")
	c.enter("0000")
	c.says("不一致")
	c.look("call-4-mismatch")
	if got := c.focused(); got != "problems" {
		t.Errorf("after a mismatch the focus is on %q, want the problem", got)
	}
	c.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("last_four").focus()`))
	c.enter(who.Phone[len(who.Phone)-4:])
	c.see("#purpose")
	c.look("call-5-purpose")
	c.keys(" ")                   // ご本人
	c.keys(kb.Tab + kb.Tab + " ") // over the agent's name to the first purpose
	c.enter("")
	c.look("call-6-letter")
	c.alt("1")
	c.says(who.Name)
	c.alt("9")
	c.see("img.sheet")
	c.look("call-7-opened")
	if drawn := ask(c, chromedp.Evaluate[bool](`Promise.all([...document.querySelectorAll("img.sheet")].map(i => i.decode())).then(() => true, () => false)`, chromedp.EvalAwaitPromise)); !drawn {
		t.Error("a page of the letter is not drawn")
	}
	c.keys(kb.Tab)
	c.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("[name=outcome]").focus()`))
	c.keys(" ")
	c.alt("0")
	c.says("問合せを記録しました")
	o.ledger(func(s *store.Store) {
		list, err := s.InquiriesOf(t.Context(), who.LetterID)
		if err != nil || len(list) != 1 || list[0].Outcome != "explained" || list[0].Caller != letters.CallerSelf {
			t.Errorf("inquiries %+v, %v", list, err)
		}
	})
}

// TestSearchUnknownAndSupervisor goes the other ways of a call: no number,
// nothing found, three misses, the supervisor.
func TestSearchUnknownAndSupervisor(t *testing.T) {
	t.Parallel()
	o := newDeskOffice(t)
	who, _ := o.callable()
	o.ok("user", "add", "boss", "--role", "callcenter")
	o.ledger(func(s *store.Store) {
		u, err := s.User(t.Context(), "boss")
		if err == nil {
			u.Lead = true
			err = s.ChangeUser(t.Context(), u)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	c := newChrome(t, o.serving())
	c.signIn("callcenter", officePassword)
	c.open("/search")
	c.look("search")
	c.fill("#name", who.Name, "#postcode", who.PostalCode)
	c.tick("input[value=lost]")
	c.press("main form button.main")
	c.says("お手紙", letters.MaskedName(who.Name))
	c.look("search-found")
	c.press("ul.found a")
	for range 3 {
		c.fill("#last_four", "0000")
		c.press("form[action$='/check'] button")
	}
	c.says("責任者")
	c.look("call-closed")
	c.press("#inquiry button.main")
	c.says("記録しました")
	c.open("/calls")
	other, err := letters.NewID(strings.NewReader("otherhouse"))
	if err != nil {
		t.Fatal(err)
	}
	c.enter(string(other))
	c.says("見つかりませんでした")
	c.look("call-unknown")
	c.signOut()
	c.signIn("boss", officePassword)
	c.open("/supervision")
	o.ledger(func(s *store.Store) { // of two people of one name the search may have shown the other first
		list, err := s.Supervisions(t.Context())
		if err != nil || len(list) != 1 || list[0].Kind != "misses" {
			t.Fatalf("supervisor's list %+v, %v", list, err)
		}
		c.says(list[0].LetterID.Groups())
	})
	c.look("supervision-open")
	c.fill("textarea", "折り返して確かめた")
	c.press("main form button.main")
	c.look("supervision-seen")
}

// TestRetailersPagesInABrowser: packets offered, a download that asks for the
// password again, the briefing record, the lead's view.
func TestRetailersPagesInABrowser(t *testing.T) {
	t.Parallel()
	o := newDeskOffice(t)
	month := string(letters.MonthOf(o.now))
	o.ok("packets", month)
	o.ok("approve", month, "--packets", "--as", "jiro")
	o.ok("user", "add", "chief", "--role", "retail")
	code := ""
	o.ledger(func(s *store.Store) {
		made, err := s.Packets(t.Context(), letters.Month(month))
		if err != nil || len(made) < 2 {
			t.Fatalf("%d packets, %v", len(made), err)
		}
		if info, err := s.Month(t.Context(), letters.Month(month)); err != nil || info.PacketsAt != o.now.UnixMicro() {
			t.Errorf("packets were approved at %d, %v, want %d", info.PacketsAt, err, o.now.UnixMicro())
		}
		code = made[0].Retailer
		if err := s.AssignRetailers(t.Context(), "retail", []string{code, made[1].Retailer}); err != nil {
			t.Fatal(err)
		}
		u, err := s.User(t.Context(), "chief")
		if err == nil {
			u.Lead = true
			err = s.ChangeUser(t.Context(), u)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	c := newChrome(t, o.serving())
	c.signIn("retail", officePassword)
	c.open("/packets")
	c.look("packets")
	c.open(fmt.Sprintf("/packets/%s/%s", month, code))
	c.look("packet")
	c.fill("#briefer", "電力 花子", "#receiver", "見本 一郎")
	c.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("[value=done]").checked = true; document.getElementById("held_on").value = "` + string(letters.DateOf(o.now)) + `"`))
	c.press("aside form button")
	c.says("見本 一郎", "保存しました")
	c.look("packet-briefed")
	c.signOut()
	c.signIn("chief", officePassword)
	c.open("/retailers")
	c.says(code, "説明済")
	c.look("retailers")
}
