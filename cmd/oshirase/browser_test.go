package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// serving starts the command serve as its staff would and returns the desk's
// address. It must end by itself, with status 0, when it is told to stop.
func (o *office) serving() string {
	o.t.Helper()
	base, _ := o.servingLog()
	return base
}

// servingLog is serving with what the desk has logged so far.
func (o *office) servingLog() (base string, log func() string) {
	o.t.Helper()
	out := &said{line: make(chan string, 1)}
	ctx, stop := context.WithCancel(context.Background())
	p := &program{out: out, err: &out.rest, now: time.Now, random: rand.Reader,
		env: func(k string) (string, bool) { v, ok := o.env[k]; return v, ok }}
	ended := make(chan int, 1)
	all := []string{"--home", o.home, "serve", "--listen", "127.0.0.1:0", "--json"}
	if o.db != "" {
		all = append([]string{"--db", o.db}, all...)
	}
	go func() { ended <- p.run(ctx, all) }()
	o.t.Cleanup(func() {
		stop()
		if code := <-ended; code != exitDone {
			o.t.Errorf("serve ended with %d\n%s", code, out.rest.String())
		}
	})
	select {
	case line := <-out.line:
		var at servingJSON
		if err := json.Unmarshal([]byte(line), &at); err != nil {
			o.t.Fatalf("serve said %q: %v", line, err)
		}
		return strings.TrimSuffix(at.URL, "/"), out.rest.String
	case code := <-ended:
		ended <- code
		o.t.Fatalf("serve ended with %d at once\n%s", code, out.rest.String())
	}
	return "", nil
}

// said hands on the first line and keeps all.
type said struct {
	line chan string
	once sync.Once
	rest syncBuffer
}

func (s *said) Write(p []byte) (int, error) {
	s.once.Do(func() { s.line <- string(p) })
	return s.rest.Write(p)
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// chrome is a real Chromium on one page of the desk.
type chrome struct {
	t    testing.TB
	ctx  context.Context
	base string
	axe  string
}

// newChrome starts Chromium with an empty profile.
func newChrome(t *testing.T, base string) *chrome {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("chromium is missing: run the tests with `make test`, which installs it")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.Flag("lang", "ja-JP"), chromedp.Flag("disable-quic", true), chromedp.WindowSize(1366, 768))
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	c := &chrome{t: t, ctx: ctx, base: base, axe: axeScript(t)}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1366, 768)); err != nil { // starts the browser
		t.Fatal(err)
	}
	return c
}

// axeScript is axe-core, which a script of the project fetches once.
func axeScript(t *testing.T) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", filepath.Join("..", "..", ".ci", "axe.sh"))
	cmd.Stderr = os.Stderr
	path, err := cmd.Output()
	if err != nil {
		t.Fatalf("fetch axe-core: %v", err)
	}
	b, err := os.ReadFile(strings.TrimSpace(string(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// stepLasts is far longer than a step takes: only what never comes reaches it.
const stepLasts = time.Minute

// ask drives the browser to an answer; a step that fails shows where it stood.
func ask[T any](c *chrome, a chromedp.Action[T]) T {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, stepLasts)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		c.lost(err)
	}
	return v
}

func (c *chrome) do(steps ...chromedp.Action[chromedp.Void]) {
	c.t.Helper()
	for _, s := range steps {
		ask(c, s)
	}
}

// comes takes steps and waits for the page to which they lead.
func (c *chrome) comes(steps ...chromedp.Action[chromedp.Void]) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, stepLasts)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, steps...); err != nil {
		c.lost(fmt.Errorf("no other page came: %w", err))
	}
}

// lost ends the test and says what page stands there.
func (c *chrome) lost(err error) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, stepLasts)
	defer cancel()
	where, _ := chromedp.Run(ctx, chromedp.Location())
	body, _ := chromedp.Run(ctx, chromedp.Text("body")) // the first error tells more
	c.t.Fatalf("at %s: %v\n%s", where, err, body)
}

// standing is whether a page, once it is loaded, has an element.
const standing = `new Promise(done => {
	const look = () => done(document.querySelector(%q) !== null)
	document.readyState === "complete" ? look() : addEventListener("load", look)
})`

// stands ends the test at once when the page has no such element: the desk's
// pages run no script, so what is not there when a page is loaded never comes.
func (c *chrome) stands(selector string) {
	c.t.Helper()
	if !ask(c, chromedp.Evaluate[bool](fmt.Sprintf(standing, selector), chromedp.EvalAwaitPromise)) {
		c.lost(fmt.Errorf("nothing on this page is %s", selector))
	}
}

func (c *chrome) open(path string) {
	c.t.Helper()
	c.do(chromedp.Navigate(c.base + path))
}

// fill types into fields: a selector, its text, and so on.
func (c *chrome) fill(pairs ...string) {
	c.t.Helper()
	for p := range slices.Chunk(pairs, 2) {
		c.stands(p[0])
		c.do(chromedp.SendKeys(p[0], p[1]))
	}
}

// set puts a value in the place of what a field has.
func (c *chrome) set(selector, value string) {
	c.t.Helper()
	c.stands(selector)
	c.do(chromedp.SetValue(selector, value))
}

// tick clicks on what leads to no other page.
func (c *chrome) tick(selector string) {
	c.t.Helper()
	c.stands(selector)
	c.do(chromedp.Click(selector))
}

// signIn signs a person in through the page.
func (c *chrome) signIn(name, password string) {
	c.t.Helper()
	c.open("/signin")
	c.fill("#name", name, "#password", password)
	c.press("main form button")
	c.see("a[href='/account']")
}

func (c *chrome) signOut() {
	c.t.Helper()
	c.press("form[action='/signout'] button")
	c.see("#password")
}

// press presses a button and waits for the next page.
func (c *chrome) press(button string) {
	c.t.Helper()
	c.stands(button)
	c.comes(chromedp.Click(button, chromedp.NodeVisible))
}

func (c *chrome) see(selector string) {
	c.t.Helper()
	c.stands(selector)
	c.do(chromedp.WaitVisible(selector))
}

// says fails when the page's text does not hold the words.
func (c *chrome) says(words ...string) {
	c.t.Helper()
	body := ask(c, chromedp.Text("body"))
	for _, w := range words {
		if !strings.Contains(body, w) {
			c.t.Errorf("the page does not say %q:\n%s", w, body)
		}
	}
}

// violation is what axe found, with the elements.
type violation struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Nodes []string `json:"nodes"`
}

// axeRun asks by the rules: WCAG 2.2 up to AA, and axe's own good practice.
const axeRun = `axe.run(document, {runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"], resultTypes: ["violations"]})
	.then(r => JSON.stringify(r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.map(n => n.html.slice(0, 200))}))))`

// violations asks axe about the page as it stands.
func (c *chrome) violations() []violation {
	c.t.Helper()
	ask(c, chromedp.Evaluate[int](c.axe+";0"))
	answer := ask(c, chromedp.Evaluate[string](axeRun, chromedp.EvalAwaitPromise))
	var out []violation
	if err := json.Unmarshal([]byte(answer), &out); err != nil {
		c.t.Fatalf("axe said %q: %v", answer, err)
	}
	return out
}

// wordGap returns the mark that stands where the desk's words lack one, as
// words.go writes it: a group and a key. Samples of the demo have 【見本】 and
// are no gap.
func wordGap(html string) string {
	return regexp.MustCompile(`【[a-z_]+\.[^】]*】`).FindString(html)
}

// TestWordGapIsSeen: the check sees a lacking word and takes no sample for one.
func TestWordGapIsSeen(t *testing.T) {
	t.Parallel()
	if got := wordGap("<p>【見本】この欄</p><h1>【sentence.welcome】</h1>"); got != "【sentence.welcome】" {
		t.Errorf("found %q", got)
	}
	if got := wordGap("<p>【見本】この欄</p>"); got != "" {
		t.Errorf("a sample is taken for a gap: %q", got)
	}
}

// cutOff names what somebody would press and does not see, since it stands
// beyond the edge of the screen or of the box that holds it.
const cutOff = `[...document.querySelectorAll("main :is(a, button, input, select, textarea):not(.unseen)")].filter(e => {
	const r = e.getBoundingClientRect(), box = e.closest(".scroll")?.getBoundingClientRect().right ?? innerWidth;
	return r.width > 0 && (r.right > box + 1 || r.left < 0);
}).map(e => e.outerHTML.slice(0, 120)).join("\n")`

// screens are what the pages are looked at on: the two of the offices, and the
// smaller one at twice its size of type.
func screens() [][2]int64 { return [][2]int64{{1366, 768}, {1920, 1080}, {683, 384}} }

// look holds the page to axe, to the size a page may have and to each screen.
// With -artifacts it takes its picture on each of them and on paper.
func (c *chrome) look(name string) {
	c.t.Helper()
	for _, v := range c.violations() {
		c.t.Errorf("%s: axe: %s (%s): %s", name, v.ID, v.Help, strings.Join(v.Nodes, "\n  "))
	}
	if gap := wordGap(ask(c, chromedp.Evaluate[string](`document.documentElement.outerHTML`))); gap != "" {
		c.t.Errorf("%s has a gap in its words: %s", name, gap)
	}
	size := ask(c, chromedp.Evaluate[int](`new Blob([document.documentElement.outerHTML]).size`))
	if size > pageMost {
		c.t.Errorf("%s: %d bytes, more than %d", name, size, pageMost)
	}
	c.t.Logf("%s: %d bytes", name, size)
	pictures := flag.Lookup("test.artifacts").Value.String() == "true" // else nobody would see them
	for _, screen := range screens() {
		c.do(chromedp.EmulateViewport(screen[0], screen[1]))
		c.fits(fmt.Sprintf("%s at %d", name, screen[0]))
		if pictures {
			c.keep(fmt.Sprintf("%s-%d.png", name, screen[0]), ask(c, chromedp.CaptureScreenshot()))
		}
	}
	c.do(chromedp.EmulateViewport(1366, 768))
	if !pictures {
		return
	}
	c.keep(name+".pdf", ask(c, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPreferCSSPageSize())))
}

// fits holds the page to the screen. Twice as large, tables of many columns
// may be moved in their own box.
func (c *chrome) fits(name string) {
	c.t.Helper()
	if ask(c, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > window.innerWidth`)) {
		c.t.Errorf("%s is wider than the screen", name)
	}
	if cut := ask(c, chromedp.Evaluate[string](cutOff)); cut != "" && !strings.HasSuffix(name, " 683") {
		c.t.Errorf("%s: out of sight:\n%s", name, cut)
	}
}

// pageMost is how large a page may be, in bytes of HTML.
const pageMost = 60 << 10

func (c *chrome) keep(name string, b []byte) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.t.ArtifactDir(), name), b, 0o600); err != nil {
		c.t.Fatal(err)
	}
}
