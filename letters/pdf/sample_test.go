package pdf

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"oshirase/fonts"
	"oshirase/letters"
	"oshirase/letters/text"
)

// The sample letter: invented people, the words of no real letter.

var sampleBars = []byte("1313232131214414413231231241431214441423141412314431243243243214131")

func bars() []byte {
	out := make([]byte, len(sampleBars))
	for i, c := range sampleBars {
		out[i] = c - '0'
	}
	return out
}

func sampleSheet() letters.Sheet {
	return letters.Sheet{Width: 210, Height: 297, Folds: []float64{99, 198},
		Window:    letters.Window{Name: "demo", Left: 18, Top: 20, Width: 100, Height: 55, InnerWidth: 230, InnerHeight: 117},
		Unfolded:  letters.Window{Name: "demo large", Left: 18, Top: 20, Width: 106, Height: 68, InnerWidth: 236, InnerHeight: 328},
		MaxFolded: 4, MaxSheets: 50, BarcodePt: 8, BarcodeGap: 2}
}

func plain(s string) []text.Inline { return []text.Inline{{Text: s}} }

var sampleParagraphs = []string{
	"このたび、当社が管理するお客さま情報が、九州電力株式会社の従業員等により閲覧できる状態となっており、実際に閲覧されていたことが判明いたしました。お客さまには多大なるご迷惑とご心配をおかけしましたことを、深くお詫び申し上げます。",
	"当社は、送配電設備を維持・運用する一般送配電事業者として、お客さまが小売電気事業者さまとご契約される際に、供給に必要な情報をお預かりしております。",
	"調査対象期間（2022年4月1日～2023年1月9日）の利用ログを調査した結果、次の表に記載した項目が閲覧されたことを確認いたしました。なお、調査対象期間以外の閲覧の有無については、確認することができません。",
	"30分単位の電力量や託送料金などの情報は、システム内に保有しておりません。",
}

var sampleMeasures = []string{
	"コールセンターシステムにおける新電力顧客情報のマスキング（非常災害時等に必要な情報項目に絞り込み）",
	"ID・パスワード管理の厳格な運用、アクセスログの定期的な解析",
	"本事案に直接関係する部門の全従業員に対する、過去事例や他社の具体的事例を踏まえた実践的な教育",
}

func sampleTable(rows int) text.Table {
	t := text.Table{Columns: []text.Column{{Head: "供給地点（末尾4桁）", Width: 22}, {Head: "閲覧システム", Width: 30},
		{Head: "閲覧が確認された項目", Width: 30}, {Head: "閲覧日", Width: 18, Align: text.Center}}}
	for i := range rows {
		t.Rows = append(t.Rows, []text.Cell{
			{Text: []text.Inline{{Text: fmt.Sprintf("…%04d", 1000+i*37%9000), Keep: true}}, Head: true},
			{Text: plain("コールセンターシステム")},
			{Text: plain("契約名義、連絡先電話番号、設備容量")},
			{Text: []text.Inline{{Text: "2022年10月3日", Keep: true}}}})
	}
	return t
}

// sampleDoc is a letter of the given number of contracts.
func sampleDoc(rows int) text.Document {
	d := text.Document{
		Title: "お客さま情報の閲覧に関するお詫びとお知らせ", DocumentNo: "送配電業第123号", Date: "2023年3月1日",
		Sender: []string{"見本送配電株式会社", "福岡市中央区見本町1丁目2番3号", "代表取締役社長　見本 一郎"},
		Address: text.Address{LetterID: "1234-5678-9012-3482", PostalCode: "〒812-0011",
			Lines: []string{"福岡県福岡市博多区博多駅前9丁目99番99号", "見本マンション1203号室"},
			Name:  []string{"電力 太郎"}, Honorific: "様"},
		Labels: text.Labels{LetterID: "お問合せ番号", Page: "%d枚目/全%d枚", Continue: "（次の枚へ続く）",
			Reading: "イチ・ニ・サン・ヨン／ゴ・ロク・ナナ・ハチ／キュウ・ゼロ・イチ・ニ／サン・ヨン・ハチ・ニ"},
	}
	for _, s := range sampleParagraphs {
		d.Body = append(d.Body, text.Paragraph{Text: plain(s), Indent: 1})
	}
	d.Body = append(d.Body, text.Heading{Level: 1, Text: plain("閲覧された項目"), Legal: "items"}, sampleTable(rows),
		text.Heading{Level: 1, Text: plain("再発防止のための取り組み")})
	list := text.List{}
	for i, s := range sampleMeasures {
		list.Items = append(list.Items, text.ListItem{Marker: fmt.Sprintf("%d.", i+1), Text: plain(s)})
	}
	d.Body = append(d.Body, list, text.Heading{Level: 1, Text: plain("お問合せ先"), Legal: "other"},
		text.Paragraph{Text: []text.Inline{{Text: "お客さま専用窓口　"}, {Text: "0120-000-000", Bold: true, Keep: true},
			{Text: "（平日9時から17時まで）。お電話の際は、お問合せ番号をお知らせください。当社から、お客さまの口座番号やパスワードなどをお伺いすることはありません。"}}},
		text.Paragraph{Text: plain("以上"), Align: text.Right})
	return d
}

func sampleInput(rows int) Input {
	return Input{Doc: sampleDoc(rows), LetterID: "1234567890123482", Generation: 1, Channel: letters.Print,
		Barcode: bars(), Date: "2023-03-01"}
}

// templateText is the fixed text of the sample.
func templateText() []string {
	d := sampleDoc(1)
	out := []string{d.Title, d.DocumentNo, d.Date, strings.Join(d.Sender, ""), d.Labels.LetterID,
		strings.ReplaceAll(d.Labels.Page, "%d", ""), d.Labels.Continue, d.Labels.Reading,
		"供給地点（末尾桁）閲覧システム閲覧が確認された項目閲覧日閲覧された項目再発防止のための取り組みお問合せ先以上",
		"契約名義、連絡先電話番号、設備容量コールセンターシステム…年月日様御中お客さま専用窓口（平日9時から17時まで）。お電話の際は、お問合せ番号をお知らせください。当社から、お客さまの口座番号やパスワードなどをお伺いすることはありません。"}
	return append(append(out, sampleParagraphs...), sampleMeasures...)
}

var library = sync.OnceValues(func() (*fonts.Library, error) { return fonts.Open(fonts.Options{}) })

func newShared(t testing.TB) *Shared {
	t.Helper()
	lib, err := library()
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewShared(Config{Library: lib, Sheet: sampleSheet(), TemplateText: templateText(), TemplateVersion: "t1", Lang: "ja"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
