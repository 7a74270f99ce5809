package postal

import (
	"strings"
	"testing"
)

func TestMatchForms(t *testing.T) {
	t.Parallel()
	d := loaded(t)
	for _, c := range []struct{ name, code, address, town, rest string }{
		{"whole", "810-0001", "福岡県福岡市中央区天神1-8-1", "天神", "1-8-1"},
		{"no prefecture", "8100001", "福岡市中央区天神1-8-1", "天神", "1-8-1"},
		{"town only", "8100001", "天神1-8-1", "天神", "1-8-1"},
		{"ward only", "8100001", "中央区天神1-8-1", "天神", "1-8-1"},
		{"without ward", "8100001", "福岡市天神1-8-1", "天神", "1-8-1"},
		{"spaces", "〒８１０－０００１", "福岡県　福岡市 中央区　天神　１－８－１", "天神", "　１－８－１"},
		{"with county", "811-2304", "福岡県糟屋郡粕屋町仲原1-2", "仲原", "1-2"},
		{"without county", "811-2304", "福岡県粕屋町大字仲原字中1-2", "仲原", "字中1-2"},
		{"ke for ga", "100-0013", "東京都千代田区霞ヶ関1-2-3", "霞が関", "1-2-3"},
		{"large ke", "273-0102", "千葉県鎌ヶ谷市右京塚3-20", "右京塚", "3-20"},
		{"no in kana", "869-2612", "熊本県阿蘇市一ノ宮町宮地1930", "一の宮町宮地", "1930"},
		{"no as 之", "869-2612", "熊本県阿蘇市一之宮町宮地1930", "一の宮町宮地", "1930"},
		{"numeral as digit", "866-0007", "八代市郡築６番町12-3", "郡築六番町", "12-3"},
		{"numeral as given", "866-0007", "熊本県八代市郡築六番町12-3", "郡築六番町", "12-3"},
		{"jou", "060-0906", "北海道札幌市東区北６条東4丁目", "北六条東", "4丁目"},
		{"oaza", "027-0203", "岩手県宮古市大字津軽石第二十一地割480", "津軽石", "第二十一地割480"},
		{"sections", "029-5501", "岩手県和賀郡西和賀町左草2地割10", "左草", "2地割10"},
		{"whole village", "872-1501", "大分県東国東郡姫島村1630-1", "", "1630-1"},
		{"the town 一円", "522-0317", "滋賀県犬上郡多賀町一円12", "一円", "12"},
		{"numbers in the detail", "808-0008", "福岡県北九州市若松区小竹3006番地", "小竹", "3006番地"},
		{"half-width kana", "812-0011", "福岡市博多区博多駅前3-2-1ﾊﾟﾋﾞﾙ", "博多駅前", "3-2-1ﾊﾟﾋﾞﾙ"},
	} {
		m := d.Match(c.code, c.address)
		if !m.Matched || m.Reason != "" || m.Town != c.town || m.Rest != c.rest || m.Kind != Area {
			t.Errorf("%s: got %+v, want town %q rest %q", c.name, m, c.town, c.rest)
		}
	}
}

func TestNoMatchTellsWhy(t *testing.T) {
	t.Parallel()
	d := loaded(t)
	for _, c := range []struct {
		name, code, address string
		want                Reason
	}{
		{"short code", "810-000", "福岡市中央区天神1", ReasonBadCode},
		{"letters in code", "81O-0001", "福岡市中央区天神1", ReasonBadCode},
		{"empty code", "", "福岡市中央区天神1", ReasonBadCode},
		{"unknown code", "811-9999", "福岡市中央区天神1", ReasonCodeUnknown},
		{"other prefecture", "810-0001", "熊本県熊本市中央区天神1", ReasonPrefecture},
		{"other city", "810-0001", "北九州市小倉北区天神1", ReasonCity},
		{"other town", "810-0001", "福岡県福岡市中央区大名1", ReasonTown},
		{"old form of a kanji", "810-0055", "福岡市中央区黑門1", ReasonTown},
		{"empty address", "810-0001", "", ReasonTown},
		{"city only", "810-0001", "福岡県福岡市中央区", ReasonTown},
		{"other block", "060-0906", "北海道札幌市東区北六条東8丁目1", ReasonBlock},
		{"village, address without it", "872-1501", "1630-1", ReasonTown},
	} {
		m := d.Match(c.code, c.address)
		if m.Matched || m.Reason != c.want {
			t.Errorf("%s: got %+v, want %q", c.name, m, c.want)
		}
		if b, reason := d.Barcode(c.code, c.address, ""); reason != c.want || b.Bars != nil {
			t.Errorf("%s: barcode made, reason %q, want %q", c.name, reason, c.want)
		}
	}
}

// A representative code names the city but carries no barcode (manual p18).
func TestRepresentativeCodes(t *testing.T) {
	t.Parallel()
	d := loaded(t)
	m := d.Match("810-0000", "福岡県福岡市中央区天神1-8-1")
	if !m.Found || !m.Matched || m.Reason != ReasonRepresentative {
		t.Errorf("810-0000: %+v", m)
	}
	seen := 0
	for line, code := range d.codes {
		if code%100 != 0 {
			continue
		}
		seen++
		row := d.row(uint32(line))
		if b, reason := d.Barcode(row.Code, row.Prefecture+row.City+row.Town+"1-2", ""); reason != ReasonRepresentative || b.Bars != nil {
			t.Errorf("%s: reason %q", row.Code, reason)
		}
	}
	if seen < 1800 {
		t.Errorf("only %d representative rows", seen)
	}
}

func sampleData(t *testing.T) *Data {
	t.Helper()
	rows := TownRows("8100001", "福岡県", "福岡市中央区", "天神")
	rows = append(rows, TownRows("8100002", "福岡県", "福岡市中央区", "西")...)
	rows = append(rows, TownRows("8100003", "福岡県", "福岡市中央区", "西新（１〜３、５丁目）")...)
	rows = append(rows, TownRows("8100004", "福岡県", "福岡市中央区", "甲、乙（大木戸）")...)
	rows = append(rows, TownRows("8100004", "福岡県", "福岡市中央区", "甲町")...)
	rows = append(rows,
		Row{"8108701", Office, "福岡県", "福岡市中央区", "天神", "１丁目 電力商事"},
		Row{"8108702", Box, "福岡県", "福岡市中央区", "天神", "私書箱第６９号 電力商事"})
	d, err := New(About{Source: "test"}, rows)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSeveralTownsAndNeighbours(t *testing.T) {
	t.Parallel()
	d := sampleData(t)
	for _, c := range []struct {
		code, address, town string
		reason              Reason
	}{
		{"8100002", "福岡市中央区西1-2", "西", ""},
		{"8100002", "福岡市中央区西新1-2", "", ReasonOtherTown},
		{"8100003", "福岡市中央区西新3丁目2", "西新", ""},
		{"8100003", "福岡市中央区西新五丁目2", "西新", ""},
		{"8100003", "福岡市中央区西新4丁目2", "", ReasonBlock},
		{"8100004", "福岡市中央区甲12", "甲", ""},
		{"8100004", "福岡市中央区乙12", "乙", ""},
		{"8100004", "福岡市中央区甲町12", "甲町", ""},
	} {
		m := d.Match(c.code, c.address)
		if m.Town != c.town || m.Reason != c.reason || m.Matched != (c.reason == "") {
			t.Errorf("%s %s: %+v", c.code, c.address, m)
		}
	}
}

// Individual codes are encoded alone, collective ones with the box number
// (manual p22: 980-8691 and box 215).
func TestOfficesAndBoxes(t *testing.T) {
	t.Parallel()
	d := sampleData(t)
	for _, code := range []string{"8108701", "8108702"} {
		b, reason := d.Barcode(code, "福岡市中央区天神1-2-3 私書箱第69号", "4F")
		if reason != "" || b.Field != "" || b.Chars[codeLen] != CC4 || b.Chars[len(b.Chars)-1] != CC4 {
			t.Errorf("%s: field %q, reason %q", code, b.Field, reason)
		}
		if _, reason := d.Barcode(code, "福岡市中央区大名1", ""); reason != ReasonTown {
			t.Errorf("%s with another town: %q", code, reason)
		}
	}
	whole := loaded(t)
	b, reason := whole.Barcode("810-8720", "福岡県福岡市中央区渡辺通２丁目１－８２", "")
	if reason != "" || b.Code+b.Field != "8108720" {
		t.Errorf("large office: field %q, reason %q", b.Field, reason)
	}
	b, reason = whole.Barcode("980-8691", "宮城県仙台市青葉区仙台中央郵便局私書箱第２１５号", "")
	if reason != "" || b.Field != "215" {
		t.Errorf("collective code: field %q, reason %q", b.Field, reason)
	}
	for address, want := range map[string]Reason{
		"宮城県仙台市青葉区仙台中央郵便局私書箱":  ReasonBox,
		"福岡市中央区福岡中央郵便局私書箱第69号": ReasonCodeUnknown,
		"宮城県仙台市青葉区中央1-2-3":     ReasonCodeUnknown,
	} {
		if _, reason := whole.Barcode("980-8691", address, ""); reason != want {
			t.Errorf("%s: %q, want %q", address, reason, want)
		}
	}
}

func TestBuildingIsPartOfTheAddress(t *testing.T) {
	t.Parallel()
	b, reason := loaded(t).Barcode("810-0001", "福岡市中央区天神1-8-1", "電力ビルＢ棟１０１号")
	if reason != "" || b.Field != "1-8-1B101" {
		t.Errorf("field %q, reason %q", b.Field, reason)
	}
}

// Every town of Kyushu is found by its own spelling, and what follows it is
// given back unchanged.
func TestEveryKyushuTown(t *testing.T) {
	t.Parallel()
	d := loaded(t)
	const rest = "番外"
	numerals, towns := 0, 0
	for line, code := range d.codes {
		if code < 8000000 || code >= 9000000 || code%100 == 0 {
			continue
		}
		row := d.row(uint32(line))
		if row.Kind != Area {
			continue
		}
		m := d.Match(row.Code, row.Prefecture+row.City+row.Town+rest)
		if !m.Matched || m.Rest != rest {
			t.Errorf("%s %s: %+v", row.Code, row.Town, m)
		}
		towns++
		if field := extract(row.Town + "9"); strings.Contains(field, "-") {
			numerals++
			if b, reason := d.Barcode(row.Code, row.City+row.Town+"9", ""); b.Field != "9" && reason != ReasonBlock {
				t.Errorf("%s %s: field %q, reason %q", row.Code, row.Town, b.Field, reason)
			}
		}
	}
	if towns < 11800 || numerals < 30 {
		t.Errorf("saw %d towns, %d with numerals", towns, numerals)
	}
}
