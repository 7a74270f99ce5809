package pdf

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"oshirase/letters"
)

// The comparison with other makers: the same 1,000 different letters, hard
// names among them, exactly as they are released, on one core. Makers take
// turns, and ratios are taken within a round, so that a noisy machine slows
// all of them. Every output is hashed.

const (
	comparedLetters = 1000
	stockEvery      = 20 // single letters: the slow makers set every 20th
	stockFirst      = 7
)

// turnOf is what one round measured, in milliseconds a letter.
type turnOf struct {
	ours, cold, stock, peer, oursFile, stockFile float64
}

// contest is one comparison.
type contest struct {
	shop      *shop
	list      []Input // composed again for each use; here only for the peer
	renderer  *Renderer
	files     map[string][]byte
	peer      *peer
	pages     int
	size      [6]int // bytes a letter, in the order of turnOf's fields
	allocated int
	sink      discard
}

// BenchmarkReleased prints the table. OSHIRASE_ROUNDS is the number of rounds,
// OSHIRASE_TYPST the folder of the peer.
func BenchmarkReleased(b *testing.B) {
	if path := os.Getenv("OSHIRASE_FILE"); path != "" {
		oneFile(b, path)
		return
	}
	runtime.GOMAXPROCS(1)
	rounds, err := strconv.Atoi(cmp.Or(os.Getenv("OSHIRASE_ROUNDS"), "5"))
	if err != nil {
		b.Fatal(err)
	}
	c := &contest{shop: newShop(b), files: stockFonts(b)}
	drawn := c.shop.released(b, comparedLetters)
	for i := range drawn {
		c.list = append(c.list, c.shop.input(b, &drawn[i]))
	}
	if folder := os.Getenv("OSHIRASE_TYPST"); folder != "" {
		c.peer = newPeer(b, folder)
	}
	var all []turnOf
	for i := range rounds {
		c.renderer = c.shop.shared.NewRenderer()
		r := turnOf{}
		r.ours = c.singles(b, i)
		r.cold = c.coldSingles(b, i)
		r.stock = c.stockSingles(b, i)
		r.peer = c.peerSingles(b, i)
		r.oursFile = c.file(b)
		r.stockFile = c.stockFile(b)
		all = append(all, r)
	}
	c.print(all, peak(b, drawn))
}

// turn says which letters the slow makers set in a round.
func turn(i, n int) bool { return n%stockEvery == i*stockFirst%stockEvery }

// single makes one letter's file from its composed blocks, hashed.
func (c *contest) single(b *testing.B, r *Renderer, in Input) (took time.Duration, size int64) {
	b.Helper()
	start := processor(b)
	p, err := r.Pages(in)
	if err != nil {
		b.Fatal(err)
	}
	if _, size, err = r.Single(p, &c.sink); err != nil {
		b.Fatal(err)
	}
	return processor(b) - start, size
}

// discard takes a file as a buffered writer would.
type discard struct{ buf [1 << 16]byte }

func (d *discard) Write(p []byte) (int, error) {
	for q := p; len(q) > 0; {
		q = q[copy(d.buf[:], q):]
	}
	return len(p), nil
}

// singles makes all letters one after the other with one renderer; the time is
// that of the letters which the other makers set in this round too.
func (c *contest) singles(b *testing.B, i int) float64 {
	b.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var took time.Duration
	var size int64
	n := 0
	for k := range c.list {
		t, s := c.single(b, c.renderer, c.list[k])
		size += s
		if turn(i, k) {
			took += t
			n++
		}
	}
	runtime.ReadMemStats(&after)
	c.size[0] = int(size) / len(c.list)
	c.allocated = int(after.TotalAlloc-before.TotalAlloc) / len(c.list)
	return milliseconds(took, n)
}

// forget forgets all lines.
func (c *lineCache) forget() {
	c.nextLetter()
	clear(c.wording)
	clear(c.seen[:])
}

// coldSingles is singles, but forgets before each letter the lines that were
// set before, so that even those of the fixed wording are set anew: nothing is
// reused but buffers and the static fonts.
func (c *contest) coldSingles(b *testing.B, i int) float64 {
	b.Helper()
	runtime.GC()
	var took time.Duration
	var size int64
	n := 0
	for k := range c.list {
		c.renderer.flow.cache.forget()
		t, s := c.single(b, c.renderer, c.list[k])
		size += s
		if turn(i, k) {
			took += t
			n++
		}
	}
	c.size[1] = int(size) / len(c.list)
	return milliseconds(took, n)
}

func (c *contest) stockSingles(b *testing.B, i int) float64 {
	b.Helper()
	runtime.GC()
	n, size := 0, 0
	start := processor(b)
	for k := range c.list {
		if !turn(i, k) {
			continue
		}
		n++
		in := c.list[k]
		if err := c.renderer.layout(&in); err != nil {
			b.Fatal(err)
		}
		doc := stockDocument(c.files)
		stockPages(doc, &c.renderer.flow.sheet)
		var out bytes.Buffer
		if err := doc.Output(&out); err != nil {
			b.Fatal(err)
		}
		size += out.Len()
		_ = sha256.Sum256(out.Bytes())
	}
	c.size[2] = size / n
	return milliseconds(processor(b)-start, n)
}

func (c *contest) peerSingles(b *testing.B, i int) float64 {
	b.Helper()
	if c.peer == nil {
		return 0
	}
	n, size, sum := 0, 0, 0.0
	for k := range c.list {
		if turn(i, k) {
			ms, s := c.peer.make(b, &c.list[k], c.shop.shared.matrices)
			sum += ms
			size += s
			n++
		}
	}
	c.size[3] = size / n
	return sum / float64(n)
}

// file makes a print file of all letters with a renderer of its own.
func (c *contest) file(b *testing.B) float64 {
	b.Helper()
	runtime.GC()
	start := processor(b)
	var out bytes.Buffer
	c.pages = joinLetters(b, c.shop.shared, c.list, &out)
	_ = sha256.Sum256(out.Bytes())
	c.size[4] = out.Len() / len(c.list)
	return milliseconds(processor(b)-start, len(c.list))
}

func joinLetters(b *testing.B, s *Shared, list []Input, out *bytes.Buffer) (pages int) {
	b.Helper()
	pf, r := s.NewPrintFile(out), s.NewRenderer()
	for _, in := range list {
		p, err := r.Pages(in)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := pf.Add(p); err != nil {
			b.Fatal(err)
		}
		pages += p.Sheets
	}
	if err := pf.Close(); err != nil {
		b.Fatal(err)
	}
	return pages
}

func (c *contest) stockFile(b *testing.B) float64 {
	b.Helper()
	runtime.GC()
	start := processor(b)
	doc, r := stockDocument(c.files), c.shop.shared.NewRenderer()
	for _, in := range c.list {
		if err := r.layout(&in); err != nil {
			b.Fatal(err)
		}
		stockPages(doc, &r.flow.sheet)
	}
	var out bytes.Buffer
	if err := doc.Output(&out); err != nil {
		b.Fatal(err)
	}
	_ = sha256.Sum256(out.Bytes())
	c.size[5] = out.Len() / len(c.list)
	return milliseconds(processor(b)-start, len(c.list))
}

// processor is the processor time that this process has used. On one quiet core
// it is the time that has passed; on a busy one it is what the work would take.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func milliseconds(d time.Duration, n int) float64 {
	return float64(d) / float64(time.Millisecond) / float64(n)
}

// oneFile makes a print file of the letters in a file, and says how much memory
// the process had.
func oneFile(b *testing.B, path string) {
	var list []letters.Letter
	raw, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		b.Fatal(err)
	}
	s := newShop(b)
	pf, r := s.shared.NewPrintFile(&discard{}), s.shared.NewRenderer()
	for i := range list {
		p, err := r.Pages(s.input(b, &list[i]))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := pf.Add(p); err != nil {
			b.Fatal(err)
		}
	}
	if err := pf.Close(); err != nil {
		b.Fatal(err)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	fmt.Printf("\n<<%s>>\n", regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)[1])
}

// peak is the most memory, in MiB, that a process has which makes one print
// file of the letters.
func peak(b *testing.B, list []letters.Letter) float64 {
	b.Helper()
	raw, err := json.Marshal(list)
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "letters.json")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^$", "-test.bench=^BenchmarkReleased$", "-test.benchtime=1x")
	cmd.Env = append(os.Environ(), "OSHIRASE_FILE="+path)
	out, err := cmd.Output()
	if err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	_, rest, _ := strings.Cut(string(out), "<<")
	kb, _, _ := strings.Cut(rest, ">>")
	n, err := strconv.Atoi(kb)
	if err != nil {
		b.Fatalf("no memory reported: %v", err)
	}
	return float64(n) / 1024
}

// median of one value over all rounds.
func median(all []turnOf, value func(turnOf) float64) float64 {
	var list []float64
	for _, r := range all {
		list = append(list, value(r))
	}
	slices.Sort(list)
	return list[len(list)/2]
}

func (c *contest) print(all []turnOf, peak float64) {
	ms := func(value func(turnOf) float64) float64 { return median(all, value) }
	fmt.Printf("\n%d different letters, %.2f pages a letter, %d rounds in turn, one core, medians\n", len(c.list), float64(c.pages)/float64(len(c.list)), len(all))
	fmt.Printf("%-44s %10s %12s\n", "", "CPU ms", "bytes")
	for i, v := range []struct {
		name  string
		value func(turnOf) float64
	}{
		{"single letters", func(r turnOf) float64 { return r.ours }},
		{"single letters, every line set anew", func(r turnOf) float64 { return r.cold }},
		{"single letters, stock gofpdf", func(r turnOf) float64 { return r.stock }},
		{"single letters, Typst", func(r turnOf) float64 { return r.peer }},
		{"file of 1,000", func(r turnOf) float64 { return r.oursFile }},
		{"file of 1,000, stock gofpdf", func(r turnOf) float64 { return r.stockFile }},
	} {
		fmt.Printf("%-44s %10.3f %12d\n", v.name, ms(v.value), c.size[i])
	}
	fmt.Printf("single letter against stock gofpdf  %6.1f times; every line set anew %.1f times\n",
		ms(func(r turnOf) float64 { return r.stock / r.ours }), ms(func(r turnOf) float64 { return r.stock / r.cold }))
	if c.peer == nil {
		fmt.Println("single letter against Typst         not measured: no node here (.ci/typst.sh)")
	} else {
		fmt.Printf("single letter against Typst         %6.1f times; every line set anew %.1f times\n",
			ms(func(r turnOf) float64 { return r.peer / r.ours }), ms(func(r turnOf) float64 { return r.peer / r.cold }))
	}
	fmt.Printf("file of 1,000 against stock gofpdf  %6.2f times\n", ms(func(r turnOf) float64 { return r.stockFile / r.oursFile }))
	fmt.Printf("allocated a single letter           %6.1f KiB\n", float64(c.allocated)/1024)
	fmt.Printf("peak of a process making one file   %6.1f MiB\n", peak)
}
