package intake

import (
	"strings"
	"testing"
)

// refusal is a rule: a good row with one thing changed, and the problems
// (column and code) that must be told of it.
type refusal struct {
	name  string
	edits []string // heading, value …
	want  []string
}

func refusals() []refusal {
	return []refusal{
		{"supply point empty", []string{"供給地点特定番号", " "}, []string{"供給地点特定番号 supply_point_empty"}},
		{"supply point 21 digits", []string{"供給地点特定番号", "091234567890123456789"}, []string{"供給地点特定番号 supply_point_digits"}},
		{"supply point 23 digits", []string{"供給地点特定番号", "09123456789012345678901"}, []string{"供給地点特定番号 supply_point_digits"}},
		{"supply point of another area", []string{"供給地点特定番号", "0312345678901234567890"}, []string{"供給地点特定番号 supply_point_area"}},
		{"supply point with a letter", []string{"供給地点特定番号", "O912345678901234567890"}, []string{"供給地点特定番号 supply_point_character"}},
		{"supply point as a rounded number", []string{"供給地点特定番号", "9.12346E+20"}, []string{"供給地点特定番号 supply_point_number"}},
		{"name empty", []string{"契約名義", "　"}, []string{"契約名義 name_empty"}},
		{"name with a line break", []string{"契約名義", "電力\n太郎"}, []string{"契約名義 control_character"}},
		{"name with a NUL", []string{"契約名義", "電力\x00太郎"}, []string{"契約名義 control_character"}},
		{"name with a text direction mark", []string{"契約名義", "電力\u202e太郎"}, []string{"契約名義 control_character"}},
		{"name that was lost earlier", []string{"契約名義", "電\ufffd 太郎"}, []string{"契約名義 character_lost"}},
		{"address with a NUL", []string{"住所", "福岡市\x00"}, []string{"住所 control_character"}},
		{"demand place with a line break", []string{"需要場所", "福岡市\n博多区"}, []string{"需要場所 control_character"}},
		{"mail with a control character", []string{"メールアドレス", "taro@example.jp\r\nBcc: x@example.jp"}, []string{"メールアドレス control_character"}},
		{"channel unknown", []string{"通知方法", "電話"}, []string{"通知方法 channel_unknown"}},
		{"retailer code empty", []string{"小売電気事業者コード", ""}, []string{"小売電気事業者コード retailer_empty"}},
		{"retailer code not listed", []string{"小売電気事業者コード", "12"}, []string{"小売電気事業者コード retailer_unlisted"}},
		{"retailer affiliated", []string{"小売電気事業者コード", "00099", "小売電気事業者名", ""}, []string{"小売電気事業者コード retailer_affiliated"}},
		{"retailer affiliated in full width", []string{"小売電気事業者コード", "０００９９", "小売電気事業者名", ""}, []string{"小売電気事業者コード retailer_affiliated"}},
		{"retailer name differs", []string{"小売電気事業者名", "別の電力株式会社"}, []string{"小売電気事業者名 retailer_name_differs"}},
		{"supply empty", []string{"需要種別", ""}, []string{"需要種別 supply_empty"}},
		{"supply unknown", []string{"需要種別", "中圧"}, []string{"需要種別 supply_unknown"}},
		{"system empty", []string{"閲覧システム", ""}, []string{"閲覧システム system_empty"}},
		{"system unknown", []string{"閲覧システム", "託送業務システム"}, []string{"閲覧システム system_unknown"}},
		{"item unknown", []string{"閲覧項目", "契約名義、電力量"}, []string{"閲覧項目 item_unknown"}},
		{"item outside NW", []string{"閲覧システム", "NW", "閲覧項目", "小売電気事業者コード"}, []string{"閲覧項目 item_outside"}},
		{"item outside high voltage", []string{"需要種別", "高圧", "閲覧項目", "設備容量"}, []string{"閲覧項目 item_outside"}},
		{"first day empty", []string{"初回閲覧日", ""}, []string{"初回閲覧日 date_empty"}},
		{"first day does not exist", []string{"初回閲覧日", "2022-09-31"}, []string{"初回閲覧日 date_bad"}},
		{"first day two-digit year", []string{"初回閲覧日", "22/10/3"}, []string{"初回閲覧日 date_bad"}},
		{"first day as a day number", []string{"初回閲覧日", "44837"}, []string{"初回閲覧日 date_bad"}},
		{"first day American", []string{"初回閲覧日", "10/3/2022"}, []string{"初回閲覧日 date_bad"}},
		{"first day before the era", []string{"初回閲覧日", "平成34年10月3日"}, []string{"初回閲覧日 date_bad"}},
		{"first day mixed marks", []string{"初回閲覧日", "2022/10-03"}, []string{"初回閲覧日 date_bad"}},
		{"first day before the examined logs", []string{"初回閲覧日", "2022-03-31"}, []string{"初回閲覧日 date_outside_log"}},
		{"first day before the viewable period", []string{"初回閲覧日", "2020-01-05"}, []string{"初回閲覧日 date_outside_viewable"}},
		{"last day after the viewable period", []string{"最終閲覧日", "2023-01-19"}, []string{"最終閲覧日 date_outside_viewable"}},
		{"last day after the examined logs", []string{"最終閲覧日", "2023-01-10"}, []string{"最終閲覧日 date_outside_log"}},
		{"last day after CC but not NW", []string{"閲覧システム", "NW", "閲覧項目", "", "最終閲覧日", "2023-01-19"}, []string{"最終閲覧日 date_outside_log"}},
		{"last day before the first", []string{"最終閲覧日", "2022-10-02"}, []string{"最終閲覧日 date_order"}},
		{"views zero", []string{"閲覧回数", "0"}, []string{"閲覧回数 views_bad"}},
		{"views a fraction", []string{"閲覧回数", "1.5"}, []string{"閲覧回数 views_bad"}},
		{"views a word", []string{"閲覧回数", "数回"}, []string{"閲覧回数 views_bad"}},
		{"viewer unknown", []string{"閲覧者区分", "九州電力、不明"}, []string{"閲覧者区分 viewers_unknown"}},
		{"disaster unknown", []string{"非常災害対応", "たぶん"}, []string{"非常災害対応 flag_unknown"}},
		{"last resort unknown", []string{"最終保障供給", "？"}, []string{"最終保障供給 flag_unknown"}},
		{"handling unknown", []string{"取扱区分", "要注意"}, []string{"取扱区分 handling_unknown"}},
		{"NW with high voltage", []string{"閲覧システム", "NW", "需要種別", "高圧", "閲覧項目", ""}, []string{"需要種別 impossible_supply"}},
		{"NW with extra-high voltage", []string{"閲覧システム", "NW", "需要種別", "特高", "閲覧項目", ""}, []string{"需要種別 impossible_supply"}},
		{"last resort with low voltage", []string{"最終保障供給", "1", "小売電気事業者コード", ""}, []string{"最終保障供給 last_resort_low"}},
		{"last resort in NW", []string{"最終保障供給", "1", "小売電気事業者コード", "", "閲覧システム", "NW", "需要種別", "高圧", "閲覧項目", ""},
			[]string{"需要種別 impossible_supply", "最終保障供給 last_resort_system"}},
		{"last resort with a retailer", []string{"最終保障供給", "○", "需要種別", "高圧", "閲覧項目", ""},
			[]string{"小売電気事業者コード last_resort_retailer"}},
		{"several at once, left to right", []string{"供給地点特定番号", "1", "契約名義", "", "需要種別", "x", "初回閲覧日", "?", "閲覧回数", "-1"},
			[]string{"供給地点特定番号 supply_point_digits", "契約名義 name_empty", "需要種別 supply_unknown", "初回閲覧日 date_bad", "閲覧回数 views_bad"}},
	}
}

// TestRulesRefuse has one named case per rule.
func TestRulesRefuse(t *testing.T) {
	t.Parallel()
	opt := testOptions(t)
	for _, c := range refusals() {
		t.Run(c.name, func(t *testing.T) {
			rows, report := readList(t, list(sampleRow(1), changes(sampleRow(2), c.edits...), sampleRow(3)), opt)
			var want []string
			for _, w := range c.want {
				want = append(want, "3 "+w)
			}
			sameStrings(t, "problems", told(report), want)
			if len(rows) != 2 || rows[0].No != 2 || rows[1].No != 4 {
				t.Errorf("good rows: %d, want rows 2 and 4", len(rows))
			}
		})
	}
}

func TestRowAsGiven(t *testing.T) {
	t.Parallel()
	rows, report := readList(t, list(sampleRow(1)), testOptions(t))
	if len(rows) != 1 {
		t.Fatalf("problems: %v", told(report))
	}
	r := rows[0]
	got := strings.Join([]string{r.SupplyPoint, r.Name, r.Kana, string(r.Kind), r.PostalCode, r.Address, r.Building, r.Phone,
		r.Mail, string(r.Channel), r.RetailerCode, r.RetailerName, string(r.Supply), string(r.System), string(r.First), string(r.Last)}, "|")
	want := "0900000000000000000001|電力 太郎|デンリョク タロウ|individual|8120011|福岡市博多区博多駅前9丁目99-9|見本ハイツ101|0920000001|" +
		"taro@example.jp|print|00012|サンプル電力株式会社|low|CC|2022-10-03|2022-10-05"
	if got != want {
		t.Errorf("row\n got %s\nwant %s", got, want)
	}
	if len(r.Items) != 2 || r.Items[0] != "name" || r.Items[1] != "phone" || r.Views != 2 || len(r.Viewers) != 2 {
		t.Errorf("items %v, views %d, viewers %v", r.Items, r.Views, r.Viewers)
	}
	if len(r.Held)+len(r.Notes) != 0 {
		t.Errorf("held %v, notes %v; want none", r.Held, r.Notes)
	}
}
