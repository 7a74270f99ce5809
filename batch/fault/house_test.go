package fault

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// house is a home on which the program is run as its staff would.
type house struct {
	t     testing.TB
	bin   string
	home  string
	db    string // "" = SQLite
	vars  map[string]string
	shift time.Duration // the program's clock against ours

	logged string // until when the relay's log surely reaches, as people write it
}

// opening is what the program's clock says when a house is opened.
func opening() time.Time { return time.Date(2023, 2, 8, 1, 0, 0, 0, time.UTC) }

// newHouse opens an empty demo home, so that placeholders hold nobody up.
func newHouse(t testing.TB, bin, db string) *house {
	t.Helper()
	h := &house{t: t, bin: bin, home: filepath.Join(t.TempDir(), "home"), db: db, vars: map[string]string{
		"OSHIRASE_MAIL_FROM": "oshirase@example.jp", "OSHIRASE_MAIL_RETURN_DOMAIN": "bounce.example.jp",
		"OSHIRASE_MAIL_PER_MINUTE": "0", "OSHIRASE_MAIL_BRAKE_AFTER": "1000000", "OSHIRASE_MAIL_SENDERS": "2",
	}}
	h.must(os.MkdirAll(h.home, 0o700))
	h.shift = time.Until(opening())
	h.turnClock(0)
	h.write("demo", "")
	h.write("password", "correct horse battery\n")
	h.vars["OSHIRASE_PASSWORD_FILE"] = h.path("password")
	h.vars["OSHIRASE_CLOCK"] = h.path("clock")
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) path(name string) string { return filepath.Join(h.home, name) }

func (h *house) write(name, content string) {
	h.t.Helper()
	h.must(os.WriteFile(h.path(name), []byte(content), 0o600))
}

// turnClock moves the program's clock, also under a running program.
func (h *house) turnClock(by time.Duration) {
	h.t.Helper()
	h.shift += by
	h.must(os.WriteFile(h.path("clock.new"), []byte(h.shift.String()), 0o600))
	h.must(os.Rename(h.path("clock.new"), h.path("clock")))
}

// statement is how people write an instant for `evidence`.
const statement = "2006-01-02T15:04"

// now is the program's time in Japan.
func (h *house) now() time.Time {
	return time.Now().Add(h.shift).In(time.FixedZone("JST", 9*60*60))
}

func (h *house) command(extra map[string]string, line ...string) *exec.Cmd {
	all := []string{"--home", h.home}
	if h.db != "" {
		all = append(all, "--db", h.db)
	}
	c := exec.Command(h.bin, append(all, line...)...)
	vars := maps.Clone(h.vars)
	maps.Copy(vars, extra)
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + h.home, "TMPDIR=" + os.TempDir()}
	for _, k := range slices.Sorted(maps.Keys(vars)) {
		c.Env = append(c.Env, k+"="+vars[k])
	}
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // nothing outlives the harness
	return c
}

// run types a command and returns how it ended and what it said.
func (h *house) run(line ...string) (int, string) {
	h.t.Helper()
	var out bytes.Buffer
	c := h.command(nil, line...)
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	if c.ProcessState == nil {
		h.t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), out.String()
}

// ok types a command that must end with 0, or with 5: something waits.
func (h *house) ok(line ...string) string {
	h.t.Helper()
	code, out := h.run(line...)
	if code != 0 && code != 5 {
		h.t.Fatalf("oshirase %s ended with %d:\n%s", strings.Join(line, " "), code, out)
	}
	return out
}

// month makes n letters of one page set each, approved and not yet released.
func (h *house) month(n int, channel string) {
	h.t.Helper()
	h.imported(n, channel)
	h.ok("render", "2023-02", "--as", "hana", "--date", "2023-02-08")
	h.ok("approve", "2023-02", "--as", "jiro")
}

// imported takes in a list of n people of whom each gets a letter.
func (h *house) imported(n int, channel string) {
	h.t.Helper()
	if h.db != "" {
		h.ok("migrate")
	}
	h.ok("user", "add", "hana", "--role", "prepare")
	h.ok("user", "add", "jiro", "--role", "approve")
	list, retailers := h.lists(n, channel)
	h.ok("import", "2023-02", "--as", "hana", "--retailers", retailers, list)
}

// release queues the first n approved letters.
func (h *house) release(n int) {
	h.t.Helper()
	h.ok("release", "2023-02", "--as", "jiro", "--limit", strconv.Itoa(n), "--expect", strconv.Itoa(n))
}

// lists writes a list of n people with one contract each.
func (h *house) lists(n int, channel string) (list, retailers string) {
	h.t.Helper()
	rows := [][]string{{"供給地点特定番号", "契約名義", "個人法人区分", "郵便番号", "住所", "メールアドレス", "通知方法",
		"小売電気事業者コード", "小売電気事業者名", "需要種別", "閲覧システム", "閲覧項目", "初回閲覧日"}}
	for i := range n {
		rows = append(rows, []string{fmt.Sprintf("09%020d", i+1), "電力　太郎", "個人", "891-2303",
			fmt.Sprintf("鹿児島県鹿屋市海道町%d番%d号", i/99+1, i%99+1), fmt.Sprintf("taro@d%05d.example.jp", i), channel,
			"07001", "みほん電力第１株式会社", "低圧", "コールセンターシステム", "契約名義", "2022/11/04"})
	}
	shops := [][]string{{"小売電気事業者コード", "小売電気事業者名", "部署名", "郵便番号", "住所", "担当者", "メールアドレス"},
		{"07001", "みほん電力第１株式会社", "需給管理課", "896-0025", "鹿児島県いちき串木野市御倉町3-52-75", "見本 電子", "kyokyu001@example.jp"}}
	return h.table("list.csv", rows), h.table("retailers.csv", shops)
}

func (h *house) table(name string, rows [][]string) string {
	h.t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	h.must(w.WriteAll(rows))
	h.write(name, b.String())
	return h.path(name)
}

// copy is the house in another place, file by file. Nothing may be running.
func (h *house) copy(t testing.TB) *house {
	t.Helper()
	c := *h
	c.t, c.vars, c.home = t, maps.Clone(h.vars), filepath.Join(t.TempDir(), "home")
	c.must(os.CopyFS(c.home, os.DirFS(h.home)))
	c.vars["OSHIRASE_PASSWORD_FILE"], c.vars["OSHIRASE_CLOCK"] = c.path("password"), c.path("clock")
	for _, name := range []string{"password", "home.id"} {
		if err := os.Chmod(c.path(name), 0o600); !os.IsNotExist(err) {
			c.must(err)
		}
	}
	return &c
}
