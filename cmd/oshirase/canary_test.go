package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/csv"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"golang.org/x/text/encoding/japanese"

	"oshirase/batch/metrics"
	"oshirase/letters"
	"oshirase/letters/store"
	"oshirase/templates"
)

// Canaries are made-up data of made-up people that stand nowhere else. The
// whole program is run over a list full of them, through good days and bad
// ones, and afterwards they may be found where personal data belongs (rows,
// recipients, letters, mails) and nowhere else.

// canaries are the texts to look for, each in every spelling in which a
// program could have let it out.
type canaries struct{ spellings map[string][]byte }

func newCanaries(words ...string) canaries {
	c := canaries{map[string][]byte{}}
	for _, w := range words {
		c.spellings[w] = []byte(w)
		c.spellings[w+" (escaped in a URL)"] = []byte(url.QueryEscape(w))
		c.spellings[w+" (in JSON)"] = []byte(strings.Trim(strconv.QuoteToASCII(w), `"`))
		var wide []byte
		for _, u := range utf16.Encode([]rune(w)) {
			wide = append(wide, byte(u), byte(u>>8))
		}
		c.spellings[w+" (UTF-16)"] = wide
		if b, err := japanese.ShiftJIS.NewEncoder().String(w); err == nil {
			c.spellings[w+" (CP932)"] = []byte(b)
		}
	}
	return c
}

// in names what stands in a text.
func (c canaries) in(b []byte) []string {
	var found []string
	for name, s := range c.spellings {
		if bytes.Contains(b, s) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}

// inTree looks at names and contents of files below a folder.
func (c canaries) inTree(t *testing.T, root string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		for _, f := range c.in([]byte(d.Name())) {
			found = append(found, "file name: "+f)
		}
		if !d.Type().IsRegular() {
			return nil
		}
		b, err := os.ReadFile(path)
		for _, f := range c.in(b) {
			found = append(found, d.Name()+": "+f)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// The canaries: parts of every name, kana, address, building, phone number and
// mailbox of the list.
const (
	canaryName  = "金糸雀"
	canaryKana  = "キンシジャク"
	canaryPlace = "鳥籠荘"
	canaryMail  = "kanaria"
	canaryPhone = "0800000"
)

func allCanaries() canaries {
	return newCanaries(canaryName, canaryKana, canaryPlace, canaryMail, canaryPhone, "080-0000")
}

// canaryList puts canaries into every row of a made-up list.
func canaryList(t *testing.T, path string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := func(heading string) int { return slices.Index(rows[0], heading) }
	for i, row := range rows[1:] {
		row[at("契約名義")] = canaryName + "　" + row[at("契約名義")]
		row[at("契約名義カナ")] = canaryKana
		row[at("方書")] = canaryPlace + strconv.Itoa(i)
		row[at("連絡先電話番号")] = fmt.Sprintf("080-0000-%04d", i)
		if row[at("メールアドレス")] != "" {
			row[at("メールアドレス")] = fmt.Sprintf("%s-%d@example.jp", canaryMail, i)
		}
	}
	var b bytes.Buffer
	if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// talkative is a mail server that refuses every recipient and says the address
// in its answer, as real ones do.
func talkative(t *testing.T) int {
	t.Helper()
	return answering(t, refuse)
}

// answering has talk answer every connection to the port it returns.
func answering(t *testing.T, talk func(net.Conn)) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go talk(conn)
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

func refuse(conn net.Conn) {
	defer conn.Close()
	fmt.Fprint(conn, "220 relay.example.jp\r\n")
	for in := bufio.NewScanner(conn); in.Scan(); {
		verb, rest, _ := strings.Cut(in.Text(), " ")
		switch strings.ToUpper(verb) {
		case "RCPT":
			fmt.Fprintf(conn, "550 5.1.1 %s: no such user\r\n", rest)
		case "QUIT":
			fmt.Fprint(conn, "221 bye\r\n")
			return
		default:
			fmt.Fprint(conn, "250 ok\r\n")
		}
	}
}

// keptRows is a store.Dump that looks at every table in which no person's data
// may stand.
type keptRows struct {
	c     canaries
	table string
	found []string
}

// personal are the tables of design: rows, recipients, cases, inquiries, users.
func personalTables() []string {
	return []string{"source_row", "recipient", "viewed_case", "inquiry", "staff"}
}

func (k *keptRows) Table(name string, _ []string) error { k.table = name; return nil }
func (k *keptRows) Row(values []any) error {
	if slices.Contains(personalTables(), k.table) {
		return nil
	}
	for _, f := range k.c.in(fmt.Append(nil, values...)) {
		k.found = append(k.found, k.table+": "+f)
	}
	return nil
}

// TestCanaries runs a month over canaries, with every kind of failure that is
// easily had, and looks at all that is written outside the places for it.
func TestCanaries(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	o, c := newOffice(t, ""), allCanaries()
	var heard bytes.Buffer // standard error of all, standard output of what shows no letter
	say := func(line ...string) int {
		code, out, errs := o.run(line...)
		heard.WriteString(errs)
		if !slices.Contains([]string{"show", "pdf", "proof"}, line[0]) {
			heard.WriteString(out)
		}
		return code
	}
	canaryMonth(t, o, say)
	for _, f := range c.in(heard.Bytes()) {
		t.Errorf("said: %s", f)
	}
	for _, name := range []string{"journal.jsonl", "audit.jsonl"} {
		b, err := os.ReadFile(filepath.Join(o.home, name))
		if err != nil || len(b) == 0 {
			t.Fatalf("%s: %v", name, err)
		}
		for _, f := range c.in(b) {
			t.Errorf("%s: %s", name, f)
		}
	}
	for _, f := range c.inTree(t, temp) {
		if !strings.Contains(f, "TestCanaries") {
			t.Errorf("left in the folder for temporary files: %s", f)
		}
	}
	_ = filepath.WalkDir(o.home, func(path string, d fs.DirEntry, _ error) error {
		for _, f := range c.in([]byte(d.Name())) {
			t.Errorf("file name: %s", f)
		}
		return nil
	})
	leakLedger(t, o, c)
	canaryDesk(t, o, c)
}

// canaryMonth is the month: a list with problems, a good one, letters, mails
// that nobody takes, a relay that says addresses aloud, packets, decisions.
func canaryMonth(t *testing.T, o *office, say func(...string) int) {
	t.Helper()
	want := func(code int, line ...string) {
		t.Helper()
		if got := say(line...); got != code {
			t.Fatalf("%s ended with %d, want %d", strings.Join(line, " "), got, code)
		}
	}
	lists := filepath.Join(o.home, "lists")
	want(0, "sample", "--contracts", "60", "--encoding", "utf8", "--out", lists)
	list, retailers := filepath.Join(lists, "list.csv"), filepath.Join(lists, "retailers.csv")
	canaryList(t, list)
	good, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	bad := o.file("bad.csv", strings.ReplaceAll(string(good), "コールセンターシステム", "知らないシステム"))
	want(3, "import", "2023-02", "--as", "hana", "--retailers", retailers, bad)
	want(2, "import", "2023-02", "--as", "hana", "--retailers", retailers, filepath.Join(lists, "nowhere.csv"))
	want(5, "import", "2023-02", "--as", "hana", "--retailers", retailers, list)
	want(5, "check", "2023-02")
	want(0, "proof", "2023-02", "--as", "hana", "--reason", "校正")
	want(0, "render", "2023-02", "--as", "hana", "--date", "2023-02-08", "--keep")
	want(0, "approve", "2023-02", "--as", "jiro")
	dry := counts(t, o.ok("release", "2023-02", "--json"))
	want(0, "release", "2023-02", "--as", "jiro", "--expect", fmt.Sprint(dry["total"]))
	o.env["OSHIRASE_MAIL_FROM"], o.env["OSHIRASE_MAIL_RETURN_DOMAIN"] = "oshirase@example.jp", "bounce.example.jp"
	o.env["OSHIRASE_MAIL_PER_MINUTE"], o.env["OSHIRASE_MAIL_HOST"] = "0", "127.0.0.1"
	o.env["OSHIRASE_MAIL_PORT"] = "1" // nobody listens
	say("work", "--once")
	o.env["OSHIRASE_MAIL_PORT"] = strconv.Itoa(talkative(t))
	o.now = o.now.AddDate(0, 0, 1)
	say("work", "--once")
	if len(o.in(letters.Failed5xx)) == 0 {
		t.Fatal("no mail was refused: the relay's answer was not heard")
	}
	id := string(o.in(letters.Failed5xx)[0])
	want(0, "packets", "2023-02")
	for _, line := range [][]string{{"status"}, {"report", "2023-02"}, {"reconcile"}, {"decide", "--list"},
		{"show", id, "--as", "hana", "--reason", "確認"}, {"show", "1234", "--as", "hana", "--reason", "確認"},
		{"decide", id, "--propose", "resend_print", "--reason", canaryName + "様へ郵送", "--as", "hana"},
		{"decide", id, "--propose", "resend_print", "--reason", "不達", "--as", "hana"}} {
		say(line...)
	}
}

// leakLedger looks at the ledger's other tables, at the metrics, and at what
// the desk answers to somebody who types a name into the address bar.
func leakLedger(t *testing.T, o *office, c canaries) {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(o.home, "ledger.db"), store.Options{Now: func() time.Time { return o.now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	k := &keptRows{c: c}
	if err := s.Snapshot(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	for _, f := range k.found {
		t.Errorf("table %s", f)
	}
	source := metrics.Source{Ledger: s, Command: "work", Version: "test", Now: func() time.Time { return o.now }}
	for _, path := range []string{"/metrics", "/health", "/" + canaryMail} {
		w := httptest.NewRecorder()
		source.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		for _, f := range c.in(w.Body.Bytes()) {
			t.Errorf("%s: %s", path, f)
		}
	}
}

// canaryDesk types people's names, telephone numbers and mailboxes into the
// address bar and the forms of a desk at which nobody is signed in.
func canaryDesk(t *testing.T, o *office, c canaries) {
	t.Helper()
	var errs bytes.Buffer
	p := &program{out: io.Discard, err: &errs, now: func() time.Time { return o.now }, random: rand.Reader, homeDir: o.home,
		env: func(k string) (string, bool) { v, ok := o.env[k]; return v, ok }, log: slog.New(slog.NewJSONHandler(&errs, nil))}
	var err error
	if p.words, err = readWords(templates.Shipped()); err != nil {
		t.Fatal(err)
	}
	err = p.withHome(t.Context(), func(h *house) error {
		d, closeDesk, err := h.newDesk(t.Context(), &metrics.Desk{})
		if err != nil {
			return err
		}
		defer func() { _ = closeDesk() }()
		form := url.Values{"user": {canaryName}, "password": {canaryMail}, "id": {canaryPhone}, "name": {canaryName}}.Encode()
		for _, path := range []string{"/", "/nowhere/" + canaryMail, "/letters/" + url.PathEscape(canaryName), "/?q=" + url.QueryEscape(canaryName),
			"/sign-in", "/calls", "/calls?phone=080-0000-0001"} {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(form))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				w := httptest.NewRecorder()
				d.ServeHTTP(w, r)
				for _, f := range c.in(w.Body.Bytes()) {
					t.Errorf("desk, %s %s, status %d: %s", method, path, w.Code, f)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range c.in(errs.Bytes()) {
		t.Errorf("the desk's log: %s", f)
	}
}

// TestPlantedCanariesAreFound: a leak in any spelling, in a name, a file or a
// table is found by what looks for it above.
func TestPlantedCanariesAreFound(t *testing.T) {
	t.Parallel()
	c := allCanaries()
	dir := t.TempDir()
	cp932, err := japanese.ShiftJIS.NewEncoder().String("氏名 金糸雀電力")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"plain.log": `{"msg":"sent","to":"kanaria-7@example.jp"}`, "json.log": `{"name":"\u91d1\u7cf8\u96c0"}`,
		"url.log": "GET /letters?name=%E9%87%91%E7%B3%B8%E9%9B%80", "cp932.csv": cp932,
		"wide.txt": "\xd1\x91\xf8\x7c\xc0\x96", "phone.log": "tel 080-0000-0001", "金糸雀.pdf": "",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found := strings.Join(c.inTree(t, dir), "\n")
	for _, want := range []string{"plain.log", "json.log", "url.log", "cp932.csv", "wide.txt", "phone.log", "file name"} {
		if !strings.Contains(found, want+": ") {
			t.Errorf("the leak in %s was not found:\n%s", want, found)
		}
	}
	k := &keptRows{c: c}
	_ = k.Table("recipient", nil)
	_ = k.Row([]any{int64(1), "金糸雀電力"})
	_ = k.Table("letter_event", nil)
	_ = k.Row([]any{"1234", "RCPT 550 <kanaria-1@example.jp>"})
	if !slices.Contains(k.found, "letter_event: kanaria") || strings.Contains(strings.Join(k.found, " "), "recipient") {
		t.Errorf("found in tables: %q", k.found)
	}
}
