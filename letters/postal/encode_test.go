package postal

import (
	"errors"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// reference is the second opinion on the rules: the same steps as regular
// expressions over a text that is already half-width and upper case, written
// apart from extract.
func reference(s string) string {
	for _, step := range []struct{ find, put string }{
		{`[&/・.]`, ""},
		{`[A-Z]{2,}`, " "},
		{`[^0-9A-Z-]`, " "},
		{`([0-9])F`, "$1 "},
		{`[ -]+`, "-"},
		{`^-|-$`, ""},
		{`-?([A-Z])-?`, "$1"},
	} {
		s = regexp.MustCompile(step.find).ReplaceAllString(s, step.put)
	}
	return s
}

func TestExtractAgreesWithReference(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune("0123456789--ABFFZ &/.・丁目棟 ")
	for range 20000 {
		text := make([]rune, random.IntN(24))
		for i := range text {
			text[i] = alphabet[random.IntN(len(alphabet))]
		}
		if got, want := extract(string(text)), reference(string(text)); got != want {
			t.Fatalf("%q: got %q, want %q", string(text), got, want)
		}
	}
}

func TestRulesOfExtraction(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rule, in, want string }{
		{"1 lower case", "3-1b", "3-1B"},
		{"2 deleted", "1・2/3&4.5", "12345"},
		{"4 two letters", "5-1ABビル2", "5-1-2"},
		{"5, 6 hyphens", "－－3－－4－", "3-4"},
		{"S1 丁目", "十一丁目六番地一号", "11-6-1"},
		{"S1 positional", "一〇三番", "103"},
		{"S1 の", "千二百三十の五号", "1230-5"},
		{"S1 ノ", "二ノ三号", "2-3"},
		{"S1 地割", "第二十一地割5", "21-5"},
		{"S1 線", "南七線西28", "7-28"},
		{"no mark, no number", "三日月町5", "5"},
		{"no number at all", "二三十番", ""},
		{"S2 floor", "10F", "10"},
		{"S3 floor before more", "1F1号", "1-1"},
		{"F that is no floor", "F棟2", "F2"},
		{"S4 letters", "3-B-5", "3B5"},
		{"S5 letters meet", "A-B", "AB"},
		{"trailing hyphen", "60-1番", "60-1"},
		{"full width", "１２－３　Ａ棟", "12-3A"},
		{"half-width katakana", "12ｱﾊﾟｰﾄ3", "12-3"},
		{"long vowel as a dash", "３ー２５", "3-25"},
		{"circled digit is no digit", "①2", "2"},
		{"empty", "", ""},
	} {
		if got := extract(c.in); got != c.want {
			t.Errorf("%s: %q gives %q, want %q", c.rule, c.in, got, c.want)
		}
	}
}

// Inputs of zint's own tests; two stand in the manual (page 6 there).
func TestEncoderOnlyVectors(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"15400233-16-4-205": "3 - 1 6 - 4 - 2 0 5 CC4 CC4 CC4",
		"350110622-1A308":   "2 2 - 1 CC1 0 3 0 8 CC4 CC4 CC4 CC4",
		"1234567BCDEFG":     "CC1 1 CC1 2 CC1 3 CC1 4 CC1 5 CC1 6 CC4",
		"8901234HIJKLM":     "CC1 7 CC1 8 CC1 9 CC2 0 CC2 1 CC2 2 CC4",
		"0987654NOPQRS":     "CC2 3 CC2 4 CC2 5 CC2 6 CC2 7 CC2 8 CC4",
		"3210987TUVWXY":     "CC2 9 CC3 0 CC3 1 CC3 2 CC3 3 CC3 4 CC4",
	} {
		b, err := encode(in[:codeLen], in[codeLen:])
		if err != nil {
			t.Fatalf("%s: %v", in, err)
		}
		var names []string
		for _, s := range b.Chars[codeLen:] {
			names = append(names, s.String())
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]error{
		"":         ErrBadCode,
		"810000":   ErrBadCode,
		"810-0001": ErrBadCode,
		"８１０":      ErrBadCode,
		"8100000":  ErrNoBarcode,
	} {
		if _, err := Encode(code, "1-2"); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", code, err, want)
		}
	}
	for _, number := range []string{"", "12345", "1-2", "A"} {
		if _, err := EncodeBox("9808691", number); !errors.Is(err, ErrBadBox) {
			t.Errorf("box %q: %v", number, err)
		}
	}
}

// checkSound is what holds for every barcode whatever it was made of.
func checkSound(t *testing.T, b Barcode) {
	t.Helper()
	if len(b.Chars) != codeLen+fieldLen || len(b.Bars) != barCount {
		t.Fatalf("%d symbols, %d bars", len(b.Chars), len(b.Bars))
	}
	sum := b.Check
	for _, s := range b.Chars {
		if !s.Valid() {
			t.Errorf("symbol %d", s)
		}
		sum += int(s)
	}
	if sum%19 != 0 || b.Check < 0 || b.Check > 18 {
		t.Errorf("sum %d, check %d", sum, b.Check)
	}
	for _, bar := range b.Bars {
		if bar < Long || bar > Timing {
			t.Errorf("bar %d", bar)
		}
	}
}

func FuzzEncode(f *testing.F) {
	for _, v := range append(manual, derived...) {
		f.Add(strings.ReplaceAll(v.code, "-", ""), v.address)
	}
	f.Fuzz(func(t *testing.T, code, address string) {
		b, err := Encode(code, address)
		if err == nil {
			checkSound(t, b)
		}
	})
}

func FuzzMatch(f *testing.F) {
	d := loaded(f)
	for _, v := range append(manual, derived...) {
		f.Add(v.code, v.address)
	}
	f.Add("980-8691", "宮城県仙台市青葉区私書箱第２１５号")
	f.Add("8100000", "ｶﾞﾟ\xff字大字")
	f.Fuzz(func(t *testing.T, code, address string) {
		m := d.Match(code, address)
		if m.Matched && m.Found && !strings.HasSuffix(address, m.Rest) {
			t.Errorf("rest is no tail of the address")
		}
		if m.Matched == (m.Reason != "" && m.Reason != ReasonRepresentative) {
			t.Errorf("matched %v with reason %q", m.Matched, m.Reason)
		}
		if utf8.ValidString(address) && !utf8.ValidString(m.Rest) {
			t.Errorf("rest cuts a character")
		}
		if b, reason := d.Barcode(code, address, ""); reason == "" {
			checkSound(t, b)
		}
	})
}
