package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"oshirase/letters"
)

// rude is a mail server that says addresses aloud in its answer to one verb:
// "" greets with it, "." answers the final dot with it.
func rude(t *testing.T, verb, answer string) int {
	t.Helper()
	return answering(t, func(conn net.Conn) { rudely(conn, verb, answer) })
}

func rudely(conn net.Conn, verb, answer string) {
	defer conn.Close()
	say := func(step, well string) {
		if step == verb {
			well = answer
		}
		fmt.Fprint(conn, well+"\r\n")
	}
	say("", "220 relay.example.jp")
	inMail := false
	for in := bufio.NewScanner(conn); in.Scan(); {
		step, _, _ := strings.Cut(strings.ToUpper(in.Text()), " ")
		switch {
		case inMail && in.Text() == ".":
			inMail = false
			say(".", "250 ok")
		case inMail:
		case step == "DATA" && verb != "DATA":
			inMail = true
			say(step, "354 go on")
		default:
			say(step, "250 ok")
		}
	}
}

// overheard gathers all that commands say and looks for canaries in it.
type overheard struct {
	o    *office
	c    canaries
	text bytes.Buffer
}

// types a command that may end as it likes and names what it let out.
func (h *overheard) types(line ...string) int {
	h.o.t.Helper()
	code, out, errs := h.o.run(line...)
	for _, f := range h.c.in([]byte(out + errs)) {
		h.o.t.Errorf("%s (status %d) says %s:\n%s%s", strings.Join(line, " "), code, f, out, errs)
	}
	h.text.WriteString(out + errs)
	return code
}

// TestCanariesFromOutside: what others write (printer, post, mail servers,
// relay, callers, a database) may hold anything. None of it is said, logged or
// kept outside the places for it; in words and in JSON.
func TestCanariesFromOutside(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	o, c := newOffice(t, ""), allCanaries()
	h := &overheard{o: o, c: c}
	o.sentMonth(60)
	o.env["OSHIRASE_MAIL_RETURN_DOMAIN"] = "bounce.example.jp"
	ids, _ := o.printedIDs()
	sent := o.in(letters.Accepted)
	for _, files := range [][]string{
		{"print", "receipt", o.cp932("r1.csv", "お問合せ番号,状態,投函日,理由", ids[0].Groups()+",投函済,"+canaryPlace+",", canaryName+",投函済,,",
			ids[1].Groups()+","+canaryName+",,", ids[2].Groups()+",投函済,,"+canaryMail+"@example.jp", ids[3].Groups()+",投函済,,,"+canaryPhone)},
		{"print", "receipt", o.cp932("r2.csv", "お問合せ番号,状態,"+canaryName, "1,投函済,"+canaryPlace)},
		{"print", "receipt", o.file("r3.csv", canaryName+"\n\""+canaryPlace)},
		{"returned", o.cp932("back.csv", "通知番号,状態,返戻日,返戻理由", ids[4].Groups()+",返戻,2023-02-20,"+canaryName+"様は転居", canaryName+",返戻,,")},
		{"evidence", o.file("mail.log", "Feb  8 10:00:00 mx postfix/smtp[2]: 4F: to=<"+canaryMail+"@example.jp>, status=bounced (host said "+canaryName+")\n")},
		{"evidence", o.file("dsn.eml", returnedMail(sent[1], "550 5.1.1 <"+canaryMail+"@example.jp> "+canaryName))},
		{"bounce", o.file("b.mbox", "From x Tue Feb 28 09:00:00 2023\n"+strings.ReplaceAll(returnedMail(sent[0], "550 5.1.1 <"+canaryMail+"@example.jp>: "+canaryName), "canary-taro", canaryMail)+
			"\nFrom x Tue Feb 28 09:00:00 2023\nSubject: "+canaryName+"\nFrom: "+canaryMail+"@example.jp\n\n"+canaryPlace+"\n")},
		{"bounce", "--list", filepath.Join(o.home, "b.mbox")},
		{"decide", "--from", o.file("ids.txt", canaryName+"\n"), "--propose", "cancel", "--reason", "x", "--as", "hana"},
		{"decide", canaryName, "--propose", "cancel", "--reason", "x", "--as", "hana"},
		{"show", canaryPhone, "--as", "hana", "--reason", "確認"}, {"pdf", canaryMail, "--as", "hana", "--reason", "確認"},
		{"decide", string(sent[0]), "--propose", "resend_print", "--reason", "x", "--as", "hana", "--recipients",
			o.cp932("to.csv", "通知番号,郵便番号,住所,方書,メールアドレス", sent[0].Groups()+",x,"+canaryPlace+","+canaryName+","+canaryMail+" @")},
		{"postal", "update", o.file("ken.csv", strings.Repeat("\""+canaryName+"\",", 14)+"0\n")},
		{"restore", o.file("backup.age", "age-encryption.org/v1\n"+canaryName), "--identity", o.ageKey()},
		{"verify", o.file("any.pdf", "%PDF-1.7\n"+canaryName)},
		{"import", "2023-02", "--as", "hana", "--retailers", o.file("retailers.csv", "小売電気事業者コード,小売電気事業者名,部署名,郵便番号,住所,担当者,メールアドレス\n"+
			strings.Repeat("1,"+canaryName+","+canaryKana+","+canaryPlace+","+canaryPlace+","+canaryName+","+canaryMail+" @\n", 3)), o.file("l.csv", "x")},
	} {
		h.types(files...)
		h.types(append(files, "--json")...)
	}
	o.rudeServers(h)
	o.nothingKept(c, temp)
}

// rudeServers gives one mail to each of several servers that say addresses, at
// every step of a transaction.
func (o *office) rudeServers(h *overheard) {
	said := " 5.1.1 <" + canaryMail + "@example.jp> " + canaryName + ": no"
	o.env["OSHIRASE_MAIL_BRAKE_AFTER"] = "1000"
	lists := filepath.Join(o.home, "more")
	o.ok("sample", "--contracts", "260", "--seed", "7", "--encoding", "utf8", "--out", lists)
	o.now = o.now.AddDate(0, 1, 0)
	o.run("import", "2023-03", "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), filepath.Join(lists, "list.csv"))
	o.ok("render", "2023-03", "--as", "hana", "--date", "2023-03-08")
	o.ok("approve", "2023-03", "--as", "jiro")
	for _, e := range [][2]string{{"", "554" + said}, {"MAIL", "451" + said}, {"RCPT", "450" + said}, {"RCPT", "550" + said}, {"DATA", "451" + said},
		{".", "451" + said}, {".", "554" + said}} {
		o.ok("release", "2023-03", "--only", "email", "--limit", "1", "--expect", "1", "--as", "jiro")
		o.env["OSHIRASE_MAIL_PORT"] = strconv.Itoa(rude(o.t, e[0], e[1]))
		h.types("work", "--once")
		h.types("status", "--json")
	}
	if refused, later := len(o.in(letters.Failed5xx)), len(o.in(letters.Deferred)); refused != 2 || later != 5 {
		o.t.Errorf("%d mails refused and %d put off, want 2 and 5: a server was not heard", refused, later)
	}
}

// nothingKept looks at every file of the home that is not one of the test's
// own, at the ledger's other tables, and at what lies among temporary files.
func (o *office) nothingKept(c canaries, temp string) {
	o.t.Helper()
	for _, name := range []string{"journal.jsonl", "audit.jsonl", "anchors.jsonl"} {
		b, err := os.ReadFile(filepath.Join(o.home, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			o.t.Fatal(err)
		}
		for _, f := range c.in(b) {
			o.t.Errorf("%s: %s", name, f)
		}
	}
	leakLedger(o.t, o, c)
	_ = filepath.WalkDir(temp, func(path string, d fs.DirEntry, _ error) error {
		if d != nil && d.Type().IsRegular() {
			b, _ := os.ReadFile(path)
			for _, f := range c.in(append(b, d.Name()...)) {
				o.t.Errorf("left among temporary files, %s: %s", d.Name(), f)
			}
		}
		return nil
	})
}

// TestCanariesOfAPrinter: the printing company's server says names in its
// answers.
func TestCanariesOfAPrinter(t *testing.T) {
	t.Parallel()
	o, server, _ := dropOffice(t)
	h := &overheard{o: o, c: allCanaries()}
	for _, word := range []string{canaryName, canaryMail + "@example.jp", canaryPhone} {
		server.Talk(word)
		if code := h.types("work", "--once"); code != 1 {
			t.Errorf("work ended with %d", code)
		}
		h.types("status", "--json")
	}
	server.Talk("")
	o.ok("work", "--once")
}

// TestCanariesOfADatabase: PostgreSQL repeats a row's values in its errors.
func TestCanariesOfADatabase(t *testing.T) {
	t.Parallel()
	o := newOffice(t, postgres(t))
	h := &overheard{o: o, c: allCanaries()}
	lists := filepath.Join(o.home, "lists")
	o.ok("sample", "--contracts", "20", "--encoding", "utf8", "--out", lists)
	list, retailers := filepath.Join(lists, "list.csv"), filepath.Join(lists, "retailers.csv")
	canaryList(t, list)
	for name, q := range map[string]string{
		"a check":   `ALTER TABLE recipient ADD CONSTRAINT planted CHECK (name NOT LIKE '%` + canaryName + `%')`,
		"a trigger": `CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no room for %', NEW.name USING DETAIL = NEW.address || NEW.mail, HINT = NEW.phone; END $$`,
	} {
		o.exec(q)
		if name == "a trigger" {
			o.exec(`CREATE TRIGGER planted BEFORE INSERT ON source_row FOR EACH ROW EXECUTE FUNCTION planted()`)
		}
		if code := h.types("import", "2023-02", "--as", "hana", "--retailers", retailers, list); code != 1 {
			t.Errorf("%s: import ended with %d", name, code)
		}
		o.exec(`DROP TRIGGER IF EXISTS planted ON source_row`)
		o.exec(`ALTER TABLE recipient DROP CONSTRAINT IF EXISTS planted`)
	}
	if !strings.Contains(h.text.String(), "postgres answers") {
		t.Errorf("nothing was said of the database:\n%s", h.text.String())
	}
}

// TestCanariesInAPanic: a defect of the program ends a command as a failure,
// says where, and does not say what it held.
func TestCanariesInAPanic(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	var errs bytes.Buffer
	p := &program{out: &errs, err: &errs, now: func() time.Time { panic(canaryName) }, random: rand.Reader,
		env: func(k string) (string, bool) { v, ok := o.env[k]; return v, ok }}
	code := p.run(t.Context(), []string{"--home", o.home, "status"})
	if code != 1 || !strings.Contains(errs.String(), "panic of type string") || len(allCanaries().in(errs.Bytes())) > 0 {
		t.Errorf("ended with %d: %s", code, errs.String())
	}
}

// TestCanariesAtTheDesk: whatever people type at the desk, signed in, rightly
// or wrongly, is in no log, no title, no address and not in the audit chain.
func TestCanariesAtTheDesk(t *testing.T) {
	t.Parallel()
	o := newDeskOffice(t)
	who, _ := o.callable()
	o.env["OSHIRASE_DESK_LOOKS_STOP"], o.env["OSHIRASE_DESK_LOOKS_ALERT"] = "0", "0"
	c := newCanaries(canaryName, canaryKana, canaryPlace, canaryMail, canaryPhone, "080-0000", who.Name, who.Phone)
	base, log := o.servingLog()
	v := o.visitor(base, "callcenter")
	v.at = func(u *url.URL) {
		for _, f := range c.in([]byte(u.String())) {
			t.Errorf("in an address of the desk: %s", f)
		}
	}
	all := url.Values{"number": {canaryPhone}, "name": {canaryName}, "postcode": {canaryPhone}, "last_four": {"0001"}, "by": {"postcode"}, "purpose": {"lost"},
		"caller": {"agent"}, "proxy": {canaryName}, "note": {canaryPlace + canaryPhone}, "outcome": {"explained"}, "wish": {"address"},
		"new_postcode": {"8100001"}, "new_address": {canaryPlace}, "new_building": {canaryName}, "reason": {canaryName}, "field": {canaryName}}
	with := func(more url.Values) url.Values {
		out := url.Values{}
		for k, list := range all {
			out[k] = list
		}
		for k, list := range more {
			out[k] = list
		}
		return out
	}
	v.send(http.MethodPost, "/calls", all)
	v.send(http.MethodPost, "/search", all)
	v.send(http.MethodPost, "/search", with(url.Values{"name": {who.Name}, "postcode": {who.PostalCode}}))
	_, page := v.send(http.MethodPost, "/calls", url.Values{"number": {who.LetterID.Groups()}})
	call := "/calls/" + between(page, `action="/calls/`, "/check")
	v.send(http.MethodPost, call+"/check", url.Values{"name": {canaryName}, "postcode": {"8100001"}})
	v.send(http.MethodPost, call+"/check", with(url.Values{"last_four": {who.Phone[len(who.Phone)-4:]}, "number": nil}))
	v.send(http.MethodPost, call+"/purpose", with(url.Values{"purpose": {"content"}}))
	v.send(http.MethodPost, call+"/unmask", all)
	v.send(http.MethodPost, call+"/inquiry", all)
	for _, path := range []string{"/calls?number=" + canaryPhone, "/search?name=" + url.QueryEscape(canaryName), "/" + url.PathEscape(canaryName), "/audit?actor=" + url.QueryEscape(canaryName)} {
		for _, name := range []string{"callcenter", "audit", "admin"} {
			o.visitor(base, name).send(http.MethodGet, path, nil)
		}
	}
	res, err := http.Get(base + "/" + url.PathEscape(canaryName) + "\x01")
	if err == nil {
		res.Body.Close()
	}
	if text := log(); !strings.Contains(text, "desk request") {
		t.Fatalf("no access log:\n%s", text)
	} else {
		for _, f := range c.in([]byte(text)) {
			t.Errorf("in the desk's log: %s", f)
		}
	}
	chain := o.read(filepath.Join(o.home, "audit.jsonl"))
	for _, f := range c.in([]byte(chain)) {
		t.Errorf("in the audit chain: %s", f)
	}
	if n := o.truth(`SELECT 'n', COUNT(*) FROM inquiry WHERE note LIKE '%` + canaryPlace + `%'`)["n"]; n != 1 {
		t.Errorf("%v inquiries hold the note: the form was not taken", n)
	}
}

func between(text, from, to string) string {
	_, rest, _ := strings.Cut(text, from)
	found, _, _ := strings.Cut(rest, to)
	return found
}
