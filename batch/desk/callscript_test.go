package desk

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"oshirase/letters"
	"oshirase/templates"
)

// scriptOf renders a letter's page and returns what an agent says, a line a
// paragraph, as it is read.
func scriptOf(t *testing.T, d *Desk, page letterPage) []string {
	t.Helper()
	view, err := d.views.page("letter")
	must(t, err)
	var b bytes.Buffer
	must(t, view.ExecuteTemplate(&b, "main", page))
	_, rest, found := strings.Cut(b.String(), `class="card script"`)
	if !found {
		t.Fatal("the page has no script")
	}
	rest, _, _ = strings.Cut(rest, "</section>")
	var out []string
	for _, p := range regexp.MustCompile(`(?s)<p>(.*?)</p>`).FindAllStringSubmatch(rest, -1) {
		out = append(out, html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(p[1], "")))
	}
	return out
}

// shippedDesk speaks the shipped incident, whose lists of items end in など.
func shippedDesk(t *testing.T) *Desk {
	t.Helper()
	set, err := templates.Load(templates.Shipped())
	must(t, err)
	return newTestDesk(t, func(o *Options) { o.Templates = set }).desk
}

// TestScriptOfEachKind: what is said of a contract is whole Japanese, whatever
// was recorded, and names every item that the letter names.
func TestScriptOfEachKind(t *testing.T) {
	t.Parallel()
	demo, shipped := newTestDesk(t).desk, shippedDesk(t)
	all := []letters.ItemCode{"contract_name", "contact_phone", "retailer_code", "capacity", "service_menu"}
	for _, c := range []struct {
		name string
		desk *Desk
		k    letters.Case
		want string
	}{
		{"some seen, one day", demo, letters.Case{System: "CC", Supply: letters.Low, Confirmed: all[:2], First: "2022-05-01", Last: "2022-05-01"},
			"供給地点特定番号の末尾が2165（ニ・イチ・ロク・ゴ）のご契約の情報は、コールセンターシステムで、2022年5月1日に閲覧されました。閲覧が確認された項目は、契約名義と連絡先電話番号です。このほか、小売電気事業者コード、設備容量と接続送電サービスメニューコードが、閲覧できる状態にありました。"},
		{"unrecorded, two days", demo, letters.Case{System: "NW", Supply: letters.Low, Unrecorded: true, First: "2022-09-08", Last: "2022-09-12"},
			"供給地点特定番号の末尾が2165（ニ・イチ・ロク・ゴ）のご契約の情報は、ネットワークオンラインシステムで、最初は2022年9月8日、最後は2022年9月12日に閲覧されました。どの項目が閲覧されたかの記録は、残っておりません。閲覧された可能性がある項目は、契約名義、連絡先電話番号、設備容量と接続送電サービスメニューコードです。"},
		{"one viewing recorded, one not", demo, letters.Case{System: "CC", Supply: letters.High, Confirmed: all[:1], Unrecorded: true, First: "2022-05-01", Last: "2022-05-01"},
			"供給地点特定番号の末尾が2165（ニ・イチ・ロク・ゴ）のご契約の情報は、コールセンターシステムで、2022年5月1日に閲覧されました。閲覧が確認された項目は、契約名義です。このほかに、項目の記録が残っていない閲覧があり、連絡先も、閲覧された可能性があります。"},
		{"the report says など", shipped, letters.Case{System: "CC", Supply: letters.Low, Confirmed: all[:3], First: "2022-05-01", Last: "2022-05-01"},
			"供給地点特定番号の末尾が2165（ニ・イチ・ロク・ゴ）のご契約の情報は、コールセンターシステムで、2022年5月1日に閲覧されました。閲覧が確認された項目は、契約名義、連絡先電話番号と小売電気事業者コードです。このほか、設備容量、接続送電サービスメニューコードなどが、閲覧できる状態にありました。"},
		{"all seen, and など", shipped, letters.Case{System: "CC", Supply: letters.Low, Confirmed: all, First: "2022-05-01", Last: "2022-05-01"},
			"供給地点特定番号の末尾が2165（ニ・イチ・ロク・ゴ）のご契約の情報は、コールセンターシステムで、2022年5月1日に閲覧されました。閲覧が確認された項目は、契約名義、連絡先電話番号、小売電気事業者コード、設備容量と接続送電サービスメニューコードです。閲覧できる状態にあったのは、いまお伝えした項目などです。"},
	} {
		c.k.SupplyPoint = "0902049491422981212165"
		said := scriptOf(t, c.desk, letterPage{Contracts: 1, Company: "九州電力送配電", Groups: []seenGroup{c.desk.groupOf(c.k)}})
		if got := said[2]; got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestScriptOfSeveral: the number of contracts is told, a contract seen in
// both systems is not read out twice, and a held letter's content is not told.
func TestScriptOfSeveral(t *testing.T) {
	t.Parallel()
	d := newTestDesk(t).desk
	k := letters.Case{SupplyPoint: "0902049491422981212165", System: "NW", Supply: letters.Low, Unrecorded: true, First: "2022-05-01", Last: "2022-05-01"}
	group := d.groupOf(k)
	group.Again = true
	page := letterPage{Contracts: 3, Company: "九州電力送配電", Groups: []seenGroup{d.groupOf(k), group}}
	said := strings.Join(scriptOf(t, d, page), "\n")
	for _, want := range []string{"お客さまのご契約3件につきまして、", "\nまた、同じご契約の情報は、ネットワークオンラインシステムでも、2022年5月1日に閲覧されました。"} {
		if !strings.Contains(said, want) {
			t.Errorf("the script does not say %q:\n%s", want, said)
		}
	}
	if n := strings.Count(said, "供給地点特定番号"); n != 1 {
		t.Errorf("the contract's number is read out %d times", n)
	}
	page.Handling = true
	if said := strings.Join(scriptOf(t, d, page), "\n"); strings.Contains(said, "閲覧されました") || !strings.Contains(said, "担当の者が確認しております") {
		t.Errorf("of a held letter is said:\n%s", said)
	}
}

// TestScriptOfManyContracts: what is the same of several contracts is said
// once, with all their numbers; what is too much to be read out is asked for,
// and stands in the table whole.
func TestScriptOfManyContracts(t *testing.T) {
	t.Parallel()
	d := newTestDesk(t).desk
	page := func(n int, day func(i int) letters.Date) letterPage {
		p := letterPage{Contracts: n, Company: "九州電力送配電"}
		for i := range n {
			p.Groups = append(p.Groups, d.groupOf(letters.Case{SupplyPoint: fmt.Sprintf("090204949142298121%04d", i), System: "CC", Supply: letters.Low,
				Confirmed: []letters.ItemCode{"contract_name"}, First: day(i), Last: day(i)}))
		}
		return p
	}
	for _, c := range []struct {
		name      string
		page      letterPage
		want, not string
	}{
		{"all alike", page(80, func(int) letters.Date { return "2022-05-01" }), "\nどのご契約の情報も、コールセンターシステムで、2022年5月1日に閲覧されました。閲覧が確認された項目は、契約名義です。", "末尾が"},
		{"two alike, one not", page(3, func(i int) letters.Date { return letters.Date("2022-05-01").AddDays(i / 2) }),
			"\n供給地点特定番号の末尾が0000（ゼロ・ゼロ・ゼロ・ゼロ）と0001（ゼロ・ゼロ・ゼロ・イチ）のご契約の情報は、コールセンターシステムで、2022年5月1日に閲覧されました。", "どのご契約"},
		{"all different", page(80, func(i int) letters.Date { return letters.Date("2022-05-01").AddDays(i) }), "末尾をお願いいたします。", "に閲覧されました"},
	} {
		said := strings.Join(scriptOf(t, d, c.page), "\n")
		if !strings.Contains(said, c.want) || strings.Contains(said, c.not) {
			t.Errorf("%s: want %q and not %q in\n%s", c.name, c.want, c.not, said)
		}
		view, err := d.views.page("letter")
		must(t, err)
		var b bytes.Buffer
		must(t, view.ExecuteTemplate(&b, "main", c.page))
		if b.Len() > pageMost {
			t.Errorf("%s: the page has %d bytes", c.name, b.Len())
		}
		_, table, _ := strings.Cut(b.String(), `id="seen-title"`)
		for _, g := range c.page.Groups {
			if !strings.Contains(table, g.Spoken+"<") && !strings.Contains(table, g.Point) || !strings.Contains(table, d.o.Templates.Date(g.First)) {
				t.Errorf("%s: the table lacks %s of %s", c.name, g.Point, g.First)
			}
		}
	}
}
