package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oshirase/letters"
)

// verified types verify and returns its answer.
func (o *office) verified(want int, path string) verifyJSON {
	o.t.Helper()
	out, _ := o.ends(want, "verify", path, "--json")
	var v verifyJSON
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		o.t.Fatal(err)
	}
	return v
}

// qpdf makes another file of one; --qdf and the like change no page.
func qpdf(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "qpdf", args...).CombinedOutput(); err != nil {
		t.Fatalf("qpdf %v: %v\n%s", args, err, out)
	}
}

// printFiles are the print files of the home, the one with most pages first.
func (o *office) printFiles() []string {
	o.t.Helper()
	list, err := filepath.Glob(filepath.Join(o.home, "print", "*", "*-0*.pdf"))
	if err != nil || len(list) == 0 {
		o.t.Fatalf("no print files; %v", err)
	}
	size := func(p string) int64 {
		info, err := os.Stat(p)
		if err != nil {
			o.t.Fatal(err)
		}
		return info.Size()
	}
	slices.SortFunc(list, func(a, b string) int { return int(size(b) - size(a)) })
	return list
}

// letterPDF writes one letter's file.
func (o *office) letterPDF(id letters.ID) string {
	o.t.Helper()
	to := filepath.Join(o.t.TempDir(), string(id)+".pdf")
	o.ok("pdf", string(id), "--as", "hana", "--reason", "確認", "-o", to)
	return to
}

func TestVerify(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		o.sentMonth(60)
		dir := t.TempDir()
		in := func(name string) string { return filepath.Join(dir, name) }
		id := o.in(letters.HandedOver)[0]
		mailed := o.letterPDF(o.in(letters.Accepted)[0])
		single, run := o.letterPDF(id), o.printFiles()[0]
		for kind, path := range map[string]string{"letter": single, "print_file": run, "manifest": filepath.Join(filepath.Dir(run), "manifest.json"),
			"run_file": filepath.Join(filepath.Dir(run), "hassou-irai.pdf"), "list": filepath.Join(o.home, "lists", "list.csv")} {
			if v := o.verified(0, path); v.Verdict != verdictSame || len(v.Known) != 1 || v.Known[0].Kind != kind {
				t.Errorf("%s: %+v", kind, v)
			}
		}
		if v := o.verified(0, mailed); v.Verdict != verdictSame || v.Known[0].Kind != "letter" {
			t.Errorf("mailed letter: %+v", v)
		}
		for i, path := range []string{single, mailed, run} {
			for name, how := range map[string][]string{"packed": {"--object-streams=generate"}, "linear": {"--linearize"}, "again": {"--recompress-flate", "--compression-level=1"}} {
				to := in(name + ".pdf")
				qpdf(t, append(how, path, to)...)
				if v := o.verified(0, to); v.Verdict != verdictResaved || len(v.Letters) == 0 || i < 2 && len(v.Letters) != 1 {
					t.Errorf("%s, saved %s: %+v", filepath.Base(path), name, v)
				}
			}
		}
		o.alteredFiles(single, run, id)
	})
}

// alteredFiles plants every kind of change.
func (o *office) alteredFiles(single, run string, id letters.ID) {
	t := o.t
	dir := t.TempDir()
	to := filepath.Join(dir, "changed.pdf")
	fault := func(name string, want pageFault, path string) {
		t.Helper()
		v := o.verified(4, path)
		if !slices.ContainsFunc(v.Faults, func(f pageFault) bool {
			return f.What == want.What && (want.Page == 0 || f.Page == want.Page) && (want.Sheet == 0 || f.Sheet == want.Sheet)
		}) || v.Verdict != verdictAltered {
			t.Errorf("%s: %+v, want %+v", name, v, want)
		}
	}
	qpdf(t, single, "--pages", ".", "1", "--", to)
	fault("a sheet dropped", pageFault{Sheet: 2, What: "missing"}, to)
	qpdf(t, single, "--pages", ".", "2,1", "--", to)
	fault("sheets swapped", pageFault{Page: 1, What: "order"}, to)
	qpdf(t, single, "--pages", ".", "1,1-z", "--", to)
	fault("a sheet twice", pageFault{Page: 2, What: "order"}, to)
	qpdf(t, single, "--rotate=90:2", to)
	fault("a page turned", pageFault{Page: 2, What: "drawn_over"}, to)
	qpdf(t, single, "--overlay", single, "--to=2", "--from=1", "--", to)
	fault("drawn over", pageFault{Page: 2, What: "changed"}, to)
	qpdf(t, run, "--pages", ".", "1-2,5-z", "--", to)
	fault("a letter dropped from a print file", pageFault{What: "missing"}, to)
	qpdf(t, run, "--pages", ".", "3-4,1-2,5-z", "--", to)
	fault("letters of a print file swapped", pageFault{What: "order"}, to)
	for name, change := range map[string]func([]byte) []byte{
		"content": func(b []byte) []byte {
			b[bytes.Index(b, []byte("1 0 0 1 "))+len("1 0 0 1 ")] ^= 1
			return b
		},
		"text": func(b []byte) []byte { return bytes.Replace(b, []byte("> <0031>"), []byte("> <0032>"), 1) },
		"outlines": func(b []byte) []byte {
			from := bytes.Index(b, []byte("/Length1 "))
			from += bytes.Index(b[from:], []byte("stream\n")) + 1000
			for i := range 200 {
				b[from+i*100] ^= 4
			}
			return b
		},
	} {
		plain := filepath.Join(dir, "plain.pdf")
		qpdf(t, "--stream-data=uncompress", single, plain)
		b, err := os.ReadFile(plain)
		if err != nil {
			t.Fatal(err)
		}
		changed := change(bytes.Clone(b))
		if bytes.Equal(changed, b) {
			t.Fatalf("%s: nothing was planted", name)
		}
		if err := os.WriteFile(to, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		fault(name, pageFault{What: map[string]string{"content": "changed", "text": "glyphs", "outlines": "glyphs"}[name]}, to)
	}
	whole, err := os.ReadFile(single)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, whole[:len(whole)/3], 0o600); err != nil {
		t.Fatal(err)
	}
	fault("cut off", pageFault{What: "damaged"}, to)
	o.strangers(id)
}

// strangers are files that this ledger does not know.
func (o *office) strangers(id letters.ID) {
	t := o.t
	other := newOffice(t, "")
	lists := filepath.Join(other.home, "lists")
	other.ok("sample", "--contracts", "3", "--seed", "9", "--out", lists)
	foreign := filepath.Join(t.TempDir(), "blank.pdf")
	qpdf(t, "--empty", foreign)
	for _, path := range []string{filepath.Join(lists, "list.csv"), foreign, o.file("note.txt", "電力 太郎 "+string(id))} {
		if v := o.verified(3, path); v.Verdict != verdictNotOurs || len(v.Letters)+len(v.Faults) != 0 {
			t.Errorf("%s: %+v", filepath.Base(path), v)
		}
	}
	out, errs := o.ends(3, "verify", foreign)
	if !strings.Contains(out+errs, "知らないファイル") {
		t.Errorf("said %q %q", out, errs)
	}
	o.ends(2, "verify", filepath.Join(t.TempDir(), "none.pdf"))
}

// TestPDFSaysWhereItsPagesComeFrom: made anew and proved while the wording is
// the same, from the archive after it changed, refused when there is none.
func TestPDFSaysWhereItsPagesComeFrom(t *testing.T) {
	t.Parallel()
	for _, keep := range []bool{true, false} {
		o := newOffice(t, "")
		lists := filepath.Join(o.home, "lists")
		o.ok("sample", "--contracts", "8", "--out", lists)
		o.run("import", "2023-02", "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), filepath.Join(lists, "list.csv"))
		render := []string{"render", "2023-02", "--as", "hana", "--date", "2023-02-08"}
		if keep {
			render = append(render, "--keep")
		}
		o.run(render...)
		id := o.in(letters.Rendered)[0]
		to := filepath.Join(t.TempDir(), "letter.pdf")
		again := []string{"pdf", string(id), "--as", "hana", "--reason", "確認", "-o", to, "--json"}
		first := o.ok(again...)
		made, err := os.ReadFile(to)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(first, `"source":"rendered"`) || !strings.Contains(first, `"proved":true`) {
			t.Errorf("said %s", first)
		}
		o.overlay("letters/reason.md", "お客さま", "お客様")
		if !keep {
			_, errs := o.ends(4, again...)
			if !strings.Contains(errs, "同じページを作れず") {
				t.Errorf("said %s", errs)
			}
			continue
		}
		if second := o.ok(again...); !strings.Contains(second, `"source":"archived"`) {
			t.Errorf("said %s", second)
		}
		if kept, err := os.ReadFile(to); err != nil || !bytes.Equal(kept, made) {
			t.Errorf("the archived pages differ; %v", err)
		}
		o.verified(0, to)
	}
}

// TestVerifyKnowsPackets: every file of a packet is known by its bytes, with
// its month and retailer; with one byte more or less, or another bit, it is
// not.
func TestVerifyKnowsPackets(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		o.sentMonth(40)
		o.ok("packets", "2023-02")
		files, err := filepath.Glob(filepath.Join(o.home, "packets", "2023-02", "*", "*"))
		if err != nil || len(files) < 4 {
			t.Fatalf("%d files of packets; %v", len(files), err)
		}
		kinds := map[string]int{}
		for _, path := range files {
			retailer, _, _ := strings.Cut(filepath.Base(filepath.Dir(path)), "-")
			v := o.verified(0, path)
			if v.Verdict != verdictSame || len(v.Known) == 0 || v.Known[0].Kind != "packet" || v.Known[0].Month != "2023-02" || v.Known[0].Name != filepath.Base(path) {
				t.Errorf("%s: %+v", filepath.Base(path), v)
			}
			if !slices.ContainsFunc(v.Known, func(k knownJSON) bool { return k.Retailer == retailer }) {
				t.Errorf("%s is of %s, not of %+v", filepath.Base(path), retailer, v.Known)
			}
			if kinds[filepath.Ext(path)]++; kinds[filepath.Ext(path)] > 1 {
				continue // one of each kind is enough to change
			}
			o.notOurs(path)
		}
		for _, ext := range []string{".pdf", ".xlsx"} {
			if kinds[ext] == 0 {
				t.Errorf("no %s among the packets: %v", ext, kinds)
			}
		}
		if out, _ := o.ends(0, "verify", files[0]); !strings.Contains(out, "小売電気事業者向け資料") {
			t.Errorf("in words:\n%s", out)
		}
		o.notOurs(filepath.Join(filepath.Dir(o.printFiles()[0]), "manifest.json"))
	})
}

// notOurs changes a copy of a file by one byte and by one bit.
func (o *office) notOurs(path string) {
	o.t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		o.t.Fatal(err)
	}
	flipped := bytes.Clone(b)
	flipped[len(b)/2] ^= 1
	for how, changed := range map[string][]byte{"one byte more": append(bytes.Clone(b), '\n'), "one byte less": b[:len(b)-1], "one bit": flipped} {
		to := filepath.Join(o.t.TempDir(), filepath.Base(path))
		if err := os.WriteFile(to, changed, 0o600); err != nil {
			o.t.Fatal(err)
		}
		code, out, errs := o.run("verify", to, "--json")
		if code == 0 || strings.Contains(out, `"`+verdictSame+`"`) || strings.Contains(out, `"`+verdictResaved+`"`) {
			o.t.Errorf("%s, %s: status %d %s %s", filepath.Base(path), how, code, out, errs)
		}
	}
}
