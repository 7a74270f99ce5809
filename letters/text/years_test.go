package text

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"oshirase/templates"
)

// setWith is the demo's wording with one setting changed.
func setWith(t *testing.T, old, now string) *templates.Set {
	t.Helper()
	b, err := fs.ReadFile(templates.DemoOverlay(), "incident/settings.toml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), old) {
		t.Fatalf("the settings do not hold %s", old)
	}
	changed := fstest.MapFS{"incident/settings.toml": {Data: []byte(strings.ReplaceAll(string(b), old, now))}}
	set, err := templates.Load(templates.Shipped(), templates.DemoOverlay(), changed)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// A document keeps to one way of writing years, whatever the variant.
func TestYearsAreOfOneKind(t *testing.T) {
	t.Parallel()
	western, era := regexp.MustCompile(`[0-9]{4}年`), regexp.MustCompile(`令和|平成`)
	for _, c := range []struct {
		set        *templates.Set
		want, none *regexp.Regexp
	}{
		{demoSet(t), western, era},
		{setWith(t, `dates = "western"`, `dates = "era"`), era, western},
	} {
		composer := NewComposer(c.set)
		for name, l := range samples() {
			doc, err := composer.Compose(l)
			if err != nil {
				t.Fatal(err)
			}
			for _, page := range []string{strings.Join(Words(doc), "\n"), string(Plain(doc))} {
				if bad := c.none.FindString(page); bad != "" || !c.want.MatchString(page) {
					t.Errorf("%s: a year is written as %q among %s", name, bad, c.want)
				}
			}
		}
	}
}

// Digits of dates are of one width.
func TestDigitsOfDatesAreOfOneKind(t *testing.T) {
	t.Parallel()
	half, full := regexp.MustCompile(`[0-9]+[年月日]`), regexp.MustCompile(`[０-９]+[年月日]`)
	for _, c := range []struct {
		set        *templates.Set
		want, none *regexp.Regexp
	}{
		{demoSet(t), half, full},
		{setWith(t, `digits = "half"`, `digits = "full"`), full, half},
	} {
		doc, err := NewComposer(c.set).Compose(sample())
		if err != nil {
			t.Fatal(err)
		}
		page := strings.Join(Words(doc), "\n")
		if bad := c.none.FindString(page); bad != "" || !c.want.MatchString(page) {
			t.Errorf("a date is written as %q among %s", bad, c.want)
		}
	}
}

// A letter about 最終保障供給 alone never speaks of the customer's retailer.
func TestLastResortHasNoRetailer(t *testing.T) {
	t.Parallel()
	c := NewComposer(demoSet(t))
	for _, words := range []string{"ご契約の小売電気事業者", "以外の小売電気事業者とご契約されているお客さまの情報も", "小売電気事業者コード"} {
		found := map[string]bool{}
		for name, l := range samples() {
			doc, err := c.Compose(l)
			if err != nil {
				t.Fatal(err)
			}
			found[name] = strings.Contains(strings.Join(Words(doc), ""), words)
		}
		if found["last-resort"] {
			t.Errorf("the letter says %s", words)
		}
		if words != "ご契約の小売電気事業者" && !found["individual"] {
			t.Errorf("the check of %s finds nothing in any letter", words)
		}
	}
}
