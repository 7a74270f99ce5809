package desk

import (
	"strings"
	"testing"

	"oshirase/letters"
)

// TestRecordsReadAsAPersonWouldSayThem: what a record is about and why, in
// words, and what is shown may be typed to search for it.
func TestRecordsReadAsAPersonWouldSayThem(t *testing.T) {
	t.Parallel()
	d := newTestDesk(t).desk
	for object, want := range map[string]string{
		"2026-10 07001": "2026年10月 07001", "2026-02": "2026年2月", "12": "提案 12", "wish 3": "ご希望 3", "item 4": "確認 4",
		"letters": "手紙", "hana": "hana", "2021772335273968": "2021-7723-3527-3968", "": "",
		strings.Repeat("0a", 32): strings.Repeat("0a", 32),
	} {
		told := d.words.object(d.o.Templates, object)
		if told != want {
			t.Errorf("object %q is told as %q, want %q", object, told, want)
		}
		if got := d.words.objectTyped(told); got != object {
			t.Errorf("typed %q looks for %q, want %q", told, got, object)
		}
	}
	for _, c := range []struct{ action, reason, want string }{
		{"unmask", "address name", "住所の変更 お名前"}, {"unmask", "content address", "内容を知りたい ご住所"},
		{"page", "status 2", "届く時期・状況 2ページ目"}, {"propose", "cancel 3", "取りやめる 3通"},
		{"user_change", "retail callcenter", "小売対応 → コールセンター"}, {"user_change", "retail retail", "小売対応"},
		{"user_retailers", "07001,07004", "07001、07004"}, {"search", "no_letter", "お手紙が届いていない"},
		{"wish", "decline", "見送る"}, {"purge", "732", "732通"}, {"proof", "校正のため", "校正のため"}, {"sign_out", "", ""},
	} {
		if got := d.words.reason(c.action, c.reason); got != c.want {
			t.Errorf("%s for %q is told as %q, want %q", c.action, c.reason, got, c.want)
		}
	}
	if got := d.words.reasonTyped("お手紙が届いていない"); got != "no_letter" {
		t.Errorf("a purpose in words looks for %q", got)
	}
}

// TestAuditorSearchesAsItIsShown: a packet's download is found by month and
// code as the log shows them.
func TestAuditorSearchesAsItIsShown(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	must(t, td.audit.Record(t.Context(), Record{Actor: "retail", Action: "download", Object: "2026-10 07001", Reason: strings.Repeat("0a", 32), Outcome: "shown"}))
	b := td.as(letters.RoleAudit)
	p := b.get("/audit?object=2026年10月　07001")
	for _, want := range []string{`value="2026年10月 07001"`, "<td>2026年10月 07001</td>", `<span class="hash">0a0a`} {
		if !strings.Contains(p.body, want) {
			t.Errorf("the log does not hold %q:\n%s", want, p.body)
		}
	}
}
