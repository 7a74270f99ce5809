package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"

	"oshirase/templates"
)

// overlay changes a template of the house's: the one it has, else the shipped.
func (o *office) overlay(name, old, now string) {
	o.t.Helper()
	path := filepath.Join(o.home, "incident", filepath.FromSlash(name))
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		b, err = fs.ReadFile(templates.Shipped(), name)
	}
	if err != nil {
		o.t.Fatal(err)
	}
	if !strings.Contains(string(b), old) {
		o.t.Fatalf("%s does not hold %q", name, old)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		o.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(b), old, now)), 0o600); err != nil {
		o.t.Fatal(err)
	}
}

// rendered is an office with a small month whose letters are drawn.
func rendered(t *testing.T) *office {
	t.Helper()
	o := newOffice(t, "")
	lists := filepath.Join(o.home, "lists")
	o.ok("sample", "--contracts", "12", "--out", lists)
	o.ends(5, "import", "2023-02", "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), filepath.Join(lists, "list.csv"))
	o.ok("render", "2023-02", "--as", "hana", "--date", "2023-02-08")
	return o
}

// TestFaultyWordingCannotBeApproved: a letter that lacks one of the law's five
// blocks is named by check and refused by approve; one with a placeholder that
// is not in the list is not even read.
func TestFaultyWordingCannotBeApproved(t *testing.T) {
	t.Parallel()
	for _, block := range templates.LegalBlocks() {
		o := rendered(t)
		o.overlay("letters/letter.md", " {#"+block+"}", "")
		out, _ := o.ends(5, "check", "2023-02", "--json")
		if !strings.Contains(out, "wording_missing_block") || !strings.Contains(out, block) {
			t.Errorf("check does not name the missing %s", block)
		}
		o.ends(4, "render", "2023-02", "--as", "hana", "--date", "2023-02-08")
		if _, errs := o.ends(4, "approve", "2023-02", "--as", "jiro"); !strings.Contains(errs, "文面") {
			t.Errorf("approve refuses a letter without %s and says %q", block, errs)
		}
	}
	o := rendered(t)
	o.overlay("letters/other.md", "{{お客さまへのお願い}}", "{{お客さまのお願い}}")
	for _, command := range [][]string{{"check", "2023-02"}, {"approve", "2023-02", "--as", "jiro"}} {
		if code, _, errs := o.run(command...); code == 0 || !strings.Contains(errs, "お客さまのお願い") {
			t.Errorf("%s ended with %d and does not name the unknown placeholder: %s", command[0], code, errs)
		}
	}
	o.overlay("letters/other.md", "{{お客さまのお願い}}", "{{お客さまへのお願い}}")
	o.ok("render", "2023-02", "--as", "hana", "--date", "2023-02-08")
	o.ok("approve", "2023-02", "--as", "jiro") // mended, it passes
}

// named is an office with a small month in which the first row's name is
// another.
func named(t *testing.T, name string) *office {
	t.Helper()
	o := newOffice(t, "")
	lists := filepath.Join(o.home, "lists")
	o.ok("sample", "--contracts", "12", "--out", lists)
	list, err := os.ReadFile(filepath.Join(lists, "list.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if list, err = japanese.ShiftJIS.NewDecoder().Bytes(list); err != nil {
		t.Fatal(err)
	}
	o.file("list.csv", "\ufeff"+strings.Replace(string(list), firstName(t, string(list)), name, 1))
	o.ends(5, "import", "2023-02", "--as", "hana", "--retailers", filepath.Join(lists, "retailers.csv"), filepath.Join(o.home, "list.csv"))
	return o
}

// TestCheckListsNamesThatEndInAnHonorific: such a letter prints no second one,
// and a person is told to look at it.
func TestCheckListsNamesThatEndInAnHonorific(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"見本 太郎様": true, "見本 太郎": false} {
		_, out, _ := named(t, name).run("check", "2023-02", "--json")
		if got := strings.Contains(out, `"honorific"`); got != want {
			t.Errorf("%s is listed: %v, want %v", name, got, want)
		}
		if strings.Contains(out, "見本") {
			t.Error("check prints the name")
		}
	}
}

// TestCheckNamesTheCharacterAndNobody: a name with a character that no face
// has is held with the character and its code point, and nothing else of it.
func TestCheckNamesTheCharacterAndNobody(t *testing.T) {
	t.Parallel()
	o := named(t, "見𨺓本太郎")
	for _, line := range [][]string{{"check", "2023-02"}, {"check", "2023-02", "--json"}} {
		out, _ := o.ends(5, line...)
		if !strings.Contains(out, "𨺓 U+28E93") {
			t.Errorf("check does not name the character:\n%s", out)
		}
		if strings.Contains(out, "本太郎") {
			t.Error("check prints more of the name than the character")
		}
	}
}

// firstName is the name in the first row of a list, its field 契約名義.
func firstName(t *testing.T, list string) string {
	t.Helper()
	lines := strings.Split(list, "\n")
	for i, head := range strings.Split(lines[0], ",") {
		if strings.Trim(head, "\" \r") == "契約名義" {
			return strings.Split(lines[1], ",")[i]
		}
	}
	t.Fatal("the list has no 契約名義")
	return ""
}

// TestShowSaysWhichWording: each letter keeps the version of the wording it
// was made from, also when the wording changes afterwards.
func TestShowSaysWhichWording(t *testing.T) {
	t.Parallel()
	o := rendered(t)
	id := letterIn(t, o, "rendered")
	before := wordingOf(t, o, id)
	o.overlay("letters/letter.md", "深くお詫び申し上げます", "心よりお詫び申し上げます")
	if got := wordingOf(t, o, id); got != before || len(got) < 64 {
		t.Errorf("the letter's wording is %q after the change, want %q", got, before)
	}
	o.ok("render", "2023-02", "--as", "hana", "--date", "2023-02-08")
	after := wordingOf(t, o, id)
	if after == before {
		t.Error("a letter made anew keeps the old version of the wording")
	}
	if out := o.ok("show", id, "--as", "hana", "--reason", "確認"); !strings.Contains(out, after[:12]) {
		t.Errorf("show does not say the version:\n%s", out)
	}
}

func wordingOf(t *testing.T, o *office, id string) string {
	t.Helper()
	var shown struct {
		Generations []struct {
			Wording string `json:"template_version"`
		} `json:"generations"`
	}
	if err := json.Unmarshal([]byte(o.ok("show", id, "--as", "hana", "--reason", "確認", "--json")), &shown); err != nil {
		t.Fatal(err)
	}
	return shown.Generations[0].Wording
}
