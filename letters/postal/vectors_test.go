package postal

import (
	"strings"
	"testing"
)

// vector is one example: an address as a letter has it, and the barcode.
type vector struct {
	name, code, address, field, bars string
	check                            int
}

// manual holds the examples of 郵便番号・バーコードマニュアル: O1 to O16 from
// page 25, P17 from pages 17 and 21.
var manual = []vector{
	{"O1", "263-0023", "千葉市稲毛区緑町3丁目30-8　郵便ビル403号", "3-30-8-403", "1313232131214414413231231241431214441423141412314431243243243214131", 5},
	{"O2", "014-0113", "秋田県大仙市堀見内　南田茂木　添60-1", "60-1", "1314411412314411411431232114441411443243243243243243243243243211131", 18},
	{"O3", "110-0016", "東京都台東区台東5-6-3　ABCビル10F", "5-6-3-10", "1311411414414414411432114141432141431241411414443243243243243241131", 9},
	{"O4", "060-0906", "北海道札幌市東区北六条東4丁目　郵便センター6号館", "4-6", "1314432114414441114432112341432143243243243243243243243243243241131", 9},
	{"O5", "065-0006", "北海道札幌市東区北六条東8丁目　郵便センター10号館", "8-10", "1314432114114414414432123141411414443243243243243243243243243241131", 9},
	{"O6", "407-0033", "山梨県韮崎市龍岡町下條南割　韮崎400", "400", "1312314421314414431231212314414443243243243243243243243243243241431", 10},
	{"O7", "273-0102", "千葉県鎌ケ谷市右京塚　東3丁目-20-5　郵便・A&bコーポB604号", "3-20-5B604", "1313221331214411414413231241413214441414132411432114412343243214431", 0},
	{"O8", "198-0036", "東京都青梅市河辺町十一丁目六番地一号　郵便タワー601", "11-6-1-601", "1311441123114414431232111411441432141411441432114411443243243211131", 18},
	{"O9", "027-0203", "岩手県宮古市大字津軽石第二十一地割大淵川480", "21-480", "1314413221314413214431213211441412323114443243243243243243243224331", 15},
	{"O10", "590-0016", "大阪府堺市堺区中田出井町四丁六番十九号", "4-6-19", "1314141114414414411432112341432141411441143243243243243243243234231", 12},
	{"O11", "080-0831", "北海道帯広市稲田町南七線　西28", "7-28", "1314423114414423131211421341413223143243243243243243243243243244131", 17},
	{"O12", "317-0055", "茨城県日立市宮田町6丁目7-14　ABCビル2F", "6-7-14-2", "1331211421314414414114132141421341411412341413243243243243243232431", 11},
	{"O13", "650-0046", "神戸市中央区港島中町9丁目7-6　郵便シティA棟1F1号", "9-7-6A1-1", "1332114114414414412332141141421341432132414411441411443243243214131", 5},
	{"O14", "623-0011", "京都府綾部市青野町綾部6-7　LプラザB106", "6-7LB106", "1332113231214414411411432141421334211432411411414432143243243212331", 4},
	{"O15", "064-0804", "札幌市中央区南四条西29丁目1524-23　第2郵便ハウス501", "29-1524-23-2-501", "1314432112314423114412313241141411414113212341413231241413241431231", 3},
	{"O16", "910-0067", "福井県福井市新田塚3丁目80-25　J1ビル2-B", "3-80-25J1-2B", "1341111414414414432121331241423114441413214132441111441413232441131", 9},
	{"P17", "100-0013", "東京都千代田区霞が関1丁目3番2号　郵便プラザ503室", "1-3-2-503", "1311414414414414411431211441431241413241414114431243243243243241131", 9},
}

// derived are addresses of Kyushu whose fields follow from the rules; zint
// agrees with their bars (TestZint).
var derived = []vector{
	{name: "郡築六番町", code: "866-0007", address: "郡築六番町12-3", field: "12-3", check: 2},
	{name: "一の宮町", code: "869-2612", address: "一の宮町宮地1930番地の1", field: "1930-1", check: 15},
	{name: "八の久保町", code: "858-0906", address: "八の久保町100", field: "100", check: 13},
	{name: "電気ビル", code: "810-0004", address: "渡辺通二丁目１番８２号　電気ビル本館Ｂ２Ｆ", field: "2-1-82B2", check: 17},
	{name: "天神", code: "810-0001", address: "天神1-8-1 ＡＢＣマンションＢ棟１０１", field: "1-8-1B101", check: 18},
	{name: "博多駅前", code: "812-0011", address: "博多駅前３ー２５ー２１－１２０３", field: "3-25-21-1203", check: 0},
	{name: "八丁畷町", code: "849-0925", address: "八丁畷町1-10", field: "1-10", check: 15},
}

func loaded(t testing.TB) *Data {
	t.Helper()
	d, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func barString(b Barcode) string {
	var s strings.Builder
	for _, state := range b.Bars {
		s.WriteByte('0' + state)
	}
	return s.String()
}

func checkVector(t *testing.T, d *Data, v vector) {
	t.Helper()
	b, reason := d.Barcode(v.code, v.address, "")
	if reason != "" {
		t.Fatalf("%s: no barcode: %s", v.name, reason)
	}
	if b.Field != v.field || b.Check != v.check {
		t.Errorf("%s: field %q check %d, want %q %d", v.name, b.Field, b.Check, v.field, v.check)
	}
	if v.bars != "" && barString(b) != v.bars {
		t.Errorf("%s: bars\n got %s\nwant %s", v.name, barString(b), v.bars)
	}
}

// The examples go the whole way: address against the postal data, town off,
// rules, bars.
func TestManualVectors(t *testing.T) {
	t.Parallel()
	d := loaded(t)
	if len(manual) != 17 {
		t.Fatalf("%d examples, want 17", len(manual))
	}
	for _, v := range manual {
		checkVector(t, d, v)
	}
}

func TestDerivedVectors(t *testing.T) {
	t.Parallel()
	d := loaded(t)
	for _, v := range derived {
		checkVector(t, d, v)
	}
}

// Without the postal data the Kyushu towns with numerals come out wrong; this
// holds why 住所A must be taken off.
func TestUnsplitTownsWouldBeWrong(t *testing.T) {
	t.Parallel()
	if got := extract("郡築六番町12-3"); got != "6-12-3" {
		t.Errorf("unsplit field %q, want the wrong 6-12-3", got)
	}
}
