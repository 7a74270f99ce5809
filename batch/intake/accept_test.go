package intake

import (
	"fmt"
	"testing"

	"oshirase/letters"
)

// TestRulesAccept has one named case per form that must be understood.
func TestRulesAccept(t *testing.T) {
	t.Parallel()
	opt := testOptions(t)
	for _, c := range []struct {
		name  string
		edits []string
		got   func(letters.Row) any
		want  any
	}{
		{"supply point with hyphens", []string{"供給地点特定番号", "09-1234-5678-9012-3456-7890"}, point, "0912345678901234567890"},
		{"supply point in full width", []string{"供給地点特定番号", "０９　１２３４５６７８９０１２３４５６７８９０"}, point, "0912345678901234567890"},
		{"name exactly as given", []string{"契約名義", "髙﨑　神（ｶ）𠮷葛\U000e0101"}, func(r letters.Row) any { return r.Name }, "髙﨑　神（ｶ）𠮷葛\U000e0101"},
		{"name with spaces around is kept and noted", []string{"契約名義", " 電力　太郎 "}, func(r letters.Row) any { return r.Name + fmt.Sprint(r.Notes) }, " 電力　太郎 [name_spaces]"},
		{"corporate by its form", []string{"個人法人区分", "", "契約名義", "（株）見本商店"}, kindAndNotes, "corporate [kind_guessed]"},
		{"corporate by ㈱", []string{"個人法人区分", "", "契約名義", "見本商店㈱"}, kindAndNotes, "corporate [kind_guessed]"},
		{"individual without a token", []string{"個人法人区分", "", "契約名義", "株 太郎"}, kindAndNotes, "individual [kind_guessed]"},
		{"corporate as given", []string{"個人法人区分", "法人"}, kindAndNotes, "corporate []"},
		{"postal code full width", []string{"郵便番号", "〒８１２－００１１"}, postalAndHeld, "8120011 []"},
		{"postal code without hyphen", []string{"郵便番号", "8120011"}, postalAndHeld, "8120011 []"},
		{"postal code of six digits is held", []string{"郵便番号", "812-001"}, postalAndHeld, " [address]"},
		{"postal code with lost zero is held", []string{"郵便番号", "600001"}, postalAndHeld, " [address]"},
		{"postal code hyphen in the wrong place is held", []string{"郵便番号", "8120-011"}, postalAndHeld, " [address]"},
		{"postal code empty is held", []string{"郵便番号", ""}, postalAndHeld, " [address]"},
		{"address empty is held", []string{"住所", "　"}, postalAndHeld, "8120011 [address]"},
		{"address with a line break is held", []string{"住所", "福岡市\n博多区"}, postalAndHeld, "8120011 [address]"},
		{"phone full width", []string{"連絡先電話番号", "（０９２）０００ー０００２"}, phoneAndNotes, "0920000002 []"},
		{"phone with +81", []string{"連絡先電話番号", "+81-92-000-0002"}, phoneAndNotes, "0920000002 []"},
		{"phone that lost its zero", []string{"連絡先電話番号", "920000002"}, phoneAndNotes, " [phone_dropped]"},
		{"two phones in one cell", []string{"連絡先電話番号", "092-000-0001/092-000-0002"}, phoneAndNotes, " [phone_dropped]"},
		{"mail wanted", []string{"通知方法", "メール"}, channelAndNotes, "email taro@example.jp []"},
		{"mail wanted, half-width word", []string{"通知方法", "ﾒｰﾙ"}, channelAndNotes, "email taro@example.jp []"},
		{"channel empty is print", []string{"通知方法", ""}, channelAndNotes, "print taro@example.jp []"},
		{"mail wanted, none given", []string{"通知方法", "メール", "メールアドレス", ""}, channelAndNotes, "print  [channel_change]"},
		{"mail not ASCII", []string{"通知方法", "メール", "メールアドレス", "太郎@example.jp"}, channelAndNotes, "print  [channel_change]"},
		{"old docomo address, two dots", []string{"通知方法", "メール", "メールアドレス", "a..b@docomo.example.jp"}, channelAndNotes, "print  [channel_change]"},
		{"old au address, dot before @", []string{"通知方法", "メール", "メールアドレス", "ab.@ezweb.example.jp"}, channelAndNotes, "print  [channel_change]"},
		{"mail without a domain", []string{"通知方法", "メール", "メールアドレス", "taro@localhost"}, channelAndNotes, "print  [channel_change]"},
		{"retailer code keeps its zeros", []string{"小売電気事業者コード", "0345", "小売電気事業者名", "ためし・エナジー（同）"}, retailerCode, "0345"},
		{"retailer name by its short form", []string{"小売電気事業者名", "サンプル電力㈱"}, retailerCode, "00012"},
		{"retailer name in other width", []string{"小売電気事業者名", "ｻﾝﾌﾟﾙ 電力株式会社"}, retailerCode, "00012"},
		{"system by its code", []string{"閲覧システム", "ＮＷ", "閲覧項目", ""}, func(r letters.Row) any { return r.System }, letters.SystemCode("NW")},
		{"system with its code behind", []string{"閲覧システム", "コールセンターシステム（CC）"}, func(r letters.Row) any { return r.System }, letters.SystemCode("CC")},
		{"特高", []string{"需要種別", "特高", "閲覧項目", "連絡先"}, func(r letters.Row) any { return fmt.Sprint(r.Supply, r.Items) }, "extra_high[contact]"},
		{"連絡先 of a low-voltage contract", []string{"閲覧項目", "連絡先"}, items, "[phone]"},
		{"items by every separator, catalogue order", []string{"閲覧項目", "menu,契約名義；設備容量・連絡先電話番号\n小売電気事業者コード、"}, items, "[name phone retailer capacity menu]"},
		{"items twice", []string{"閲覧項目", "契約名義、契約名義"}, items, "[name]"},
		{"items not recorded", []string{"閲覧項目", ""}, items, "[]"},
		{"last day empty is the first", []string{"最終閲覧日", ""}, func(r letters.Row) any { return r.Last }, letters.Date("2022-10-03")},
		{"views full width", []string{"閲覧回数", "１２"}, func(r letters.Row) any { return r.Views }, 12},
		{"views empty", []string{"閲覧回数", ""}, func(r letters.Row) any { return r.Views }, 0},
		{"one viewer", []string{"閲覧者区分", "業務委託先"}, func(r letters.Row) any { return fmt.Sprint(r.Viewers) }, "[contractor]"},
		{"disaster yes", []string{"非常災害対応", "はい"}, flags, "true false"},
		{"disaster by circle", []string{"非常災害対応", "◯"}, flags, "true false"},
		{"disaster no", []string{"非常災害対応", "×"}, flags, "false false"},
		{"disaster false", []string{"非常災害対応", "ｆａｌｓｅ"}, flags, "false false"},
		{"last resort", []string{"最終保障供給", "有", "需要種別", "高圧", "小売電気事業者コード", "", "小売電気事業者名", "", "閲覧項目", ""}, flags, "false true"},
		{"handling normal", []string{"取扱区分", "通常"}, handling, " []"},
		{"handling stop", []string{"取扱区分", "送付停止"}, handling, "stop [handling]"},
		{"handling shelter", []string{"取扱区分", "支援措置"}, handling, "shelter [handling]"},
		{"handling deceased", []string{"取扱区分", "死亡"}, handling, "deceased [handling]"},
		{"handling guardian", []string{"取扱区分", "成年 後見"}, handling, "guardian [handling]"},
		{"handling moved", []string{"取扱区分", "転居"}, handling, "moved [handling]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, report := readList(t, list(changes(sampleRow(1), c.edits...)), opt)
			if len(rows) != 1 {
				t.Fatalf("refused: %v", told(report))
			}
			if got := c.got(rows[0]); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func point(r letters.Row) any           { return r.SupplyPoint }
func retailerCode(r letters.Row) any    { return r.RetailerCode }
func items(r letters.Row) any           { return fmt.Sprint(r.Items) }
func kindAndNotes(r letters.Row) any    { return fmt.Sprint(r.Kind, " ", r.Notes) }
func postalAndHeld(r letters.Row) any   { return fmt.Sprint(r.PostalCode, " ", r.Held) }
func phoneAndNotes(r letters.Row) any   { return fmt.Sprint(r.Phone, " ", r.Notes) }
func channelAndNotes(r letters.Row) any { return fmt.Sprint(r.Channel, " ", r.Mail, " ", r.Notes) }
func flags(r letters.Row) any           { return fmt.Sprint(r.Disaster, " ", r.LastResort) }
func handling(r letters.Row) any        { return fmt.Sprint(r.Handling, " ", r.Held) }

func TestDateForms(t *testing.T) {
	t.Parallel()
	w, err := compileWords(testHeadings(t).Words)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]letters.Date{
		"2022-10-03": "2022-10-03", "2022-10-3": "2022-10-03", "2022/10/3": "2022-10-03", "2022年10月3日": "2022-10-03",
		"令和4年10月3日": "2022-10-03", "R4.10.3": "2022-10-03", "r4.10.3": "2022-10-03", "Ｒ４．１０．３": "2022-10-03",
		"２０２２／１０／０３": "2022-10-03", "令和元年5月1日": "2019-05-01", "平成31年4月30日": "2019-04-30", "H31.4.30": "2019-04-30",
		"2022 年 10 月 3 日": "2022-10-03", "2024-02-29": "2024-02-29", "R4/10/3": "2022-10-03", "令和 4 年 10 月 3 日": "2022-10-03",
		"2023-02-29": "", "令和元年4月30日": "", "平成31年5月1日": "", "2022年10月": "", "2022/10/3 10:00": "", "R4": "", "": "",
		"2022/13/1": "", "2022年10/3": "", "元年5月1日": "", "20221003": "", "R04.10.3": "2022-10-03", "2022-10-03日": "", "S63.1.1": "",
	} {
		got, ok := w.dates.parse(text)
		if got != want || ok != (want != "") {
			t.Errorf("%q = %q, %v; want %q", text, got, ok, want)
		}
	}
}

func TestSerialDates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		serial float64
		since  bool
		want   letters.Date
	}{
		{44837, false, "2022-10-03"}, {44837.99, false, "2022-10-03"}, {43375, true, "2022-10-03"},
		{61, false, "1900-03-01"}, {60, false, ""}, {0, false, ""}, {-1, false, ""}, {1e18, false, ""}, {0.5, true, ""},
	} {
		if got, _ := serialDate(c.serial, c.since); got != c.want {
			t.Errorf("serial %v (1904 %v) = %q, want %q", c.serial, c.since, got, c.want)
		}
	}
}
