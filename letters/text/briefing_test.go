package text

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"oshirase/letters"
)

func coverBrief() Brief {
	return Brief{Name: "cover", Date: "2023-02-24", DocumentNo: "見本第2号",
		Values: map[string]string{"retailer": "架空電力株式会社", "as_of": "2023年2月24日", "contracts": "1,234"},
		Blocks: map[string][]Block{
			"figures": {Table{Columns: []Column{{Head: "システム", Width: 0.6}, {Head: "契約数", Width: 0.4, Align: Right}},
				Rows: [][]Cell{{{Text: []Inline{{Text: "コールセンターシステム"}}}, {Text: []Inline{{Text: "1,234"}}}}}}},
			"charts": {Chart{Caption: "通知状況", Unit: "件", Bars: []Bar{{"通知済", 1200}, {"準備中", 34}}}},
		}}
}

func TestGoldenBriefings(t *testing.T) {
	t.Parallel()
	c := NewComposer(demoSet(t))
	briefs := []Brief{coverBrief(), {Name: "faq", Date: "2023-02-24"}, {Name: "order", Date: "2023-02-24",
		Values: map[string]string{"run": "R-0001", "post_on": "2023年2月24日"},
		Blocks: map[string][]Block{"breakdown": {Paragraph{Text: []Inline{{Text: "（内訳）"}}}}}}}
	for _, b := range briefs {
		doc, err := c.Brief(b)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "brief-"+b.Name+".txt", Plain(doc))
		htmlText(t, HTML(doc))
	}
}

func TestBriefRefusesGaps(t *testing.T) {
	t.Parallel()
	c := NewComposer(demoSet(t))
	b := coverBrief()
	delete(b.Values, "contracts")
	if _, err := c.Brief(b); !errors.Is(err, ErrEmpty) || !strings.Contains(err.Error(), "contracts") {
		t.Errorf("got %v, want ErrEmpty naming contracts", err)
	}
	b = coverBrief()
	delete(b.Blocks, "figures")
	if _, err := c.Brief(b); !errors.Is(err, ErrEmpty) || !strings.Contains(err.Error(), "figures") {
		t.Errorf("got %v, want ErrEmpty naming figures", err)
	}
	if _, err := c.Brief(Brief{Name: "nothing"}); err == nil {
		t.Error("an unknown briefing was composed")
	}
}

func TestRetailerAddress(t *testing.T) {
	t.Parallel()
	c := NewComposer(demoSet(t))
	r := letters.Retailer{Name: "架空電力株式会社", Department: "お客さま部", PostalCode: "1000001", Address: "架空県見本市1-1"}
	got := c.RetailerAddress(r)
	if got.Honorific != "御中" || !slices.Equal(got.Name, []string{"架空電力株式会社", "お客さま部"}) || got.PostalCode != "〒100-0001" {
		t.Errorf("without a contact: %+v", got)
	}
	r.Contact = "電力 花子"
	got = c.RetailerAddress(r)
	if got.Honorific != "様" || !slices.Equal(got.Name, []string{"架空電力株式会社　お客さま部", "電力 花子"}) {
		t.Errorf("with a contact: %+v", got)
	}
}

func TestHonorific(t *testing.T) {
	t.Parallel()
	set := demoSet(t)
	cases := []struct {
		name string
		kind letters.CustomerKind
		want string
	}{
		{"電力　太郎", letters.Individual, "様"},
		{"電力太郎様", letters.Individual, ""},
		{"電力太郎さま", letters.Individual, ""},
		{"電力太郎 殿 ", letters.Individual, ""},
		{"架空商事株式会社", letters.Corporate, "御中"},
		{"架空商事株式会社御中", letters.Corporate, ""},
		{"架空商事株式会社　総務部", letters.Corporate, "御中"},
		{"架空商事株式会社 代表取締役 電力太郎", letters.Corporate, "様"},
		{"架空商事株式会社代表取締役電力太郎", letters.Corporate, "様"},
		{"見本マンション管理組合　理事長　電力花子", letters.Corporate, "様"},
		{"見本マンション管理組合　理事長", letters.Corporate, "様"},
		{"見本マンション管理組合", letters.Corporate, "御中"},
		{"社長食堂株式会社", letters.Corporate, "御中"},
		{"㈱架空 会長島支店", letters.Corporate, "御中"},
	}
	for _, c := range cases {
		if got := Honorific(set, c.name, c.kind); got != c.want {
			t.Errorf("%s (%s): got %q, want %q", c.name, c.kind, got, c.want)
		}
		if got := HasHonorific(set, c.name); got != (c.want == "") {
			t.Errorf("%s: HasHonorific %v", c.name, got)
		}
	}
}

func TestWordingTextHoldsNoCustomer(t *testing.T) {
	t.Parallel()
	c := NewComposer(demoSet(t))
	blocks, err := c.WordingText(map[string]bool{"confirmed": true, "rest": true})
	if err != nil {
		t.Fatal(err)
	}
	got := string(Plain(Document{Body: blocks}))
	for _, want := range []string{"［ご契約ごとの項目］", "［お問合せ番号］", "深くお詫び申し上げます"} {
		if !strings.Contains(got, want) {
			t.Errorf("the wording lacks %s:\n%s", want, got)
		}
	}
}

func TestFixedHoldsWhatLettersPrint(t *testing.T) {
	t.Parallel()
	c := NewComposer(demoSet(t))
	words, err := c.Fixed()
	if err != nil {
		t.Fatal(err)
	}
	have := map[rune]bool{}
	for _, r := range strings.Join(words, "") + "0123456789-　\n" {
		have[r] = true
	}
	for name, l := range samples() {
		l.Recipient, l.DocumentNo = letters.Recipient{Name: "様", Kind: l.Recipient.Kind}, ""
		for i := range l.Cases {
			l.Cases[i].DemandPlace = ""
		}
		doc, err := c.Compose(l)
		if err != nil {
			t.Fatal(err)
		}
		doc.Subject, doc.Labels.Page = "", "" // not printed as they stand
		for _, r := range strings.Join(Words(doc), "") {
			if !have[r] {
				t.Errorf("%s prints %c, which Fixed does not hold", name, r)
			}
		}
	}
}

func BenchmarkCompose(b *testing.B) {
	c := NewComposer(demoSet(b))
	l := sample()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Compose(l); err != nil {
			b.Fatal(err)
		}
	}
}
