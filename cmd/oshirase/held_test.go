package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oshirase/letters"
)

// heldFor returns the letters of a month that are held for a reason, with
// their state now.
func (o *office) heldFor(reason letters.Reason) []letters.ID {
	o.t.Helper()
	var out []letters.ID
	for _, id := range o.in(letters.HeldReview) {
		if story := o.ok("show", id.Groups(), "--as", "hana", "--reason", "確認", "--json"); strings.Contains(story, `"hold":"`+string(reason)+`"`) {
			out = append(out, id)
		}
	}
	return out
}

// TestHeldLettersAreDecided: in an open month a held letter is let go, with a
// corrected address where it had none, and another list does not undo that; in
// an approved month it goes out with a date of its own.
func TestHeldLettersAreDecided(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		lists, more := filepath.Join(o.home, "lists"), filepath.Join(o.home, "more")
		o.ok("sample", "--contracts", "60", "--out", lists)
		o.ok("sample", "--contracts", "20", "--seed", "9", "--out", more)
		take := func(dir string) {
			o.ends(5, "import", "2023-02", "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), filepath.Join(dir, "list.csv"))
		}
		take(lists)
		noAddress, handling := o.heldFor(letters.ReasonAddress), o.heldFor(letters.ReasonHandling)
		if len(noAddress) == 0 || len(handling) == 0 {
			t.Fatalf("held for address %d, handling %d", len(noAddress), len(handling))
		}
		o.ok("decide", noAddress[0].Groups(), "--propose", "release", "--reason", "原簿で宛先を確認", "--recipients", o.readdress(noAddress[0]), "--as", "hana")
		o.ok("decide", noAddress[0].Groups(), "--confirm", "--as", "jiro")
		o.ok("reconcile")
		take(more)
		o.ok("reconcile")
		if story := o.ok("show", noAddress[0].Groups(), "--as", "hana", "--reason", "確認"); !strings.Contains(story, "8100001") && !strings.Contains(story, "810-0001") {
			t.Errorf("the corrected address did not stay:\n%s", story)
		}
		o.run("render", "2023-02", "--as", "hana", "--date", "2023-02-08") // may hold more
		o.ok("approve", "2023-02", "--as", "jiro")
		o.ok("decide", handling[0].Groups(), "--propose", "release", "--reason", "本人の希望により送付", "--as", "hana")
		o.ok("decide", handling[0].Groups(), "--confirm", "--as", "jiro")
		o.ok("reconcile")
		o.ok("render", "2023-02", "--as", "hana", "--date", "2023-02-10")
		o.ok("approve", "2023-02", "--as", "jiro")
		o.tranches()
		o.ok("reconcile")
		ids, _ := o.printedIDs()
		for _, want := range []letters.ID{noAddress[0], handling[0]} {
			if !strings.Contains(fmt.Sprint(ids), string(want)) {
				t.Errorf("letter %s was not printed", want)
			}
		}
	})
}

// tranches releases paper in two dated parts and finds each in runs of its
// own date.
func (o *office) tranches() {
	o.t.Helper()
	total := int(counts(o.t, o.ok("release", "2023-02", "--only", "print", "--json"))["print"])
	o.ends(4, "release", "2023-02", "--only", "print", "--as", "jiro", "--expect", fmt.Sprint(total), "--post-on", "2023-02-09") // a letter is dated the 10th
	o.ok("release", "2023-02", "--only", "print", "--limit", "10", "--post-on", "2023-02-10", "--as", "jiro", "--expect", "10")
	o.ok("release", "2023-02", "--only", "print", "--post-on", "2023-02-13", "--as", "jiro", "--expect", fmt.Sprint(total-10))
	o.ok("work", "--once")
	on := map[string]int{}
	manifests, err := filepath.Glob(filepath.Join(o.home, "print", "*", "manifest.json"))
	if err != nil {
		o.t.Fatal(err)
	}
	for _, path := range manifests {
		b, err := os.ReadFile(path)
		if err != nil {
			o.t.Fatal(err)
		}
		n := counts(o.t, string(b))
		for _, day := range []string{"2023-02-10", "2023-02-13"} {
			if strings.Contains(string(b), `"post_on": "`+day+`"`) {
				on[day] += int(n["letters"])
			}
		}
	}
	if on["2023-02-10"] != 10 || on["2023-02-13"] != total-10 {
		o.t.Errorf("letters by posting date %v of %d", on, total)
	}
}

// TestHeldLetterWhoseCaseIsToldElsewhere: a contract whose letter is held
// comes again in the next month without the mark, and a letter there tells of
// it. The held one can then only be cancelled, and the refusal says so.
func TestHeldLetterWhoseCaseIsToldElsewhere(t *testing.T) {
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		lists := filepath.Join(o.home, "lists")
		o.ok("sample", "--contracts", "20", "--encoding", "utf8", "--out", lists)
		raw, err := os.ReadFile(filepath.Join(lists, "list.csv"))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(raw), "\ufeff"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		mark := slices.Index(rows[0], "取扱区分")
		row := slices.Clone(rows[1])
		list := func(name, handling string) string {
			row[mark] = handling
			var b strings.Builder
			if err := csv.NewWriter(&b).WriteAll([][]string{rows[0], row}); err != nil {
				t.Fatal(err)
			}
			return o.file(name, b.String())
		}
		retailers := filepath.Join(lists, "retailers.csv")
		o.ends(5, "import", "2023-01", "--as", "hana", "--retailers", retailers, list("january.csv", "送付停止"))
		held := o.in(letters.HeldReview)
		if len(held) != 1 {
			t.Fatalf("%d letters held, want 1", len(held))
		}
		o.run("import", "2023-02", "--as", "hana", "--retailers", retailers, list("february.csv", ""))
		if n := len(o.in(letters.Planned)); n != 1 {
			t.Fatalf("%d letters planned in the next month, want 1", n)
		}
		o.ok("decide", held[0].Groups(), "--propose", "close_unreachable", "--reason", "代替措置", "--as", "hana")
		if _, errs := o.ends(4, "decide", held[0].Groups(), "--confirm", "--as", "jiro"); !strings.Contains(errs, "--propose cancel") {
			t.Errorf("the refusal does not say what to do: %s", errs)
		}
		o.ok("decide", held[0].Groups(), "--withdraw", "--as", "hana")
		o.ok("decide", held[0].Groups(), "--propose", "cancel", "--reason", "翌月の手紙でお知らせする", "--as", "hana")
		o.ok("decide", held[0].Groups(), "--confirm", "--as", "jiro")
		o.ok("reconcile")
	})
}
