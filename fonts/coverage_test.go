package fonts

import (
	"strings"
	"testing"
)

// answer writes which face draws each cluster: M BIZ UDMincho, G BIZ UDGothic,
// I IPAmj, H house, and "-" for one that is missing.
func answer(t *testing.T, c Chain, s string) string {
	t.Helper()
	glyphs, missing := c.Shape(s)
	var b strings.Builder
	at := 0
	for _, cl := range Clusters(s) {
		switch {
		case len(missing) > 0 && missing[0].Index == at:
			missing = missing[1:]
			b.WriteByte('-')
		case len(glyphs) > 0 && glyphs[0].Text == cl.Text:
			b.WriteByte(letter(t, glyphs[0]))
			glyphs = glyphs[1:]
		default:
			t.Fatalf("cluster %q of %q is neither drawn nor missing", cl.Text, s)
		}
		at += len(cl.Text)
	}
	if len(glyphs) > 0 || len(missing) > 0 {
		t.Fatalf("%q: %d glyphs and %d problems too many", s, len(glyphs), len(missing))
	}
	return b.String()
}

func letter(t *testing.T, g Glyph) byte {
	if g.ID == 0 {
		t.Errorf("%q is drawn by .notdef", g.Text)
	}
	if want := g.Face.Advance(g.ID); g.Advance != want {
		t.Errorf("%q: advance %d, want %d", g.Text, g.Advance, want)
	}
	if g.Face.House() {
		return 'H'
	}
	return "MGI"[g.Face.ID()]
}

// Characters of names and places that break lesser systems: IBM extensions,
// old forms, compatibility ideographs.
const hardCommon = "髙﨑德栁濵瀨淸靑黑眞愼寬邊邉齋齊斎澤廣國嶌冨塚隆神﨟槗桒劔彅吞曻圡凜煕" +
	"濱嶋嵜櫻瀧壽惠龍祐都朗晴飯館鶴福靖精逸諸緖"

const hardRare = "𠮷𠮟𡈽𣘺𠩤𦚰𨺓𣳾𥙿𨕫𡚴𩸽𥝱𤭖𫝆𫞂𫞎㓛㔟㟢㟁䧺廹靍靎﨎昻凞㐂𡑮𡌛𢈘"

func TestHardCharacters(t *testing.T) {
	t.Parallel()
	body := library(t).Body()
	if n := len([]rune(hardCommon)); n != 56 {
		t.Fatalf("%d common characters, want 56", n)
	}
	if n := len([]rune(hardRare)); n != 32 {
		t.Fatalf("%d rare characters, want 32", n)
	}
	want := map[rune]string{'槗': "I", '𠮷': "I", '𠩤': "I", '𥙿': "I", '𫝆': "I", '𫞂': "I", '𫞎': "I", '𨺓': "-"}
	for _, r := range hardCommon + hardRare {
		w := want[r]
		if w == "" {
			w = "M"
		}
		if got := answer(t, body, string(r)); got != w {
			t.Errorf("%c U+%04X: %s, want %s", r, r, got, w)
		}
	}
}

func TestShape(t *testing.T) {
	t.Parallel()
	l := library(t)
	for _, c := range []struct{ name, in, want string }{
		{"plain", "電力　太郎", "MMMMM"},
		{"one rare character takes the whole name along", "𠮷田　太郎", "IIIII"},
		{"none has all: each its own", "𠮷𨺓田", "I-M"},
		{"Adobe-Japan1 pair", "葛\U000E0100飾区", "MMM"},
		{"Moji_Joho pair takes the name along", "葛\U000E0102飾区", "III"},
		{"both kinds in one name", "葛\U000E0100葛\U000E0102田", "MIM"},
		{"pair nobody knows", "葛\U000E01EF田", "-M"},
		{"standardised variant nobody knows", "葛\uFE00", "-"},
		{"standardised variant", "侮\uFE00", "M"},
		{"emoji selector", "㊙\uFE0F", "-"},
		{"lone selector", "\U000E0100田", "-M"},
		{"two selectors", "葛\U000E0100\U000E0101", "M-"},
		{"selector after kana", "か\U000E0100", "-"},
		{"half-width kana", "ｶﾞｷﾞﾃﾞﾝﾘｮｸ ｰ｡｢｣､･", "MMMMMMMMMMMMMMMMM"},
		{"white parentheses: in no face", "⦅株⦆", "-M-"},
		{"blanks", " \u00A0　", "MMM"},
		{"controls", "a\tb\nc\u0000\u007F", "M-M-M--"},
		{"invisible characters", "田\u200E\u200B\uFEFF\u00AD\u2028中", "M-----M"},
		{"lost in decoding", "田\uFFFD\xFF中", "M--M"},
		{"private use", "\uE000\uE757\uF860\U000F0000", "----"},
		{"kana sequence of JIS X 0213", "か\u309Aセ\u309Aㇷ\u309A", "MMM"},
		{"decomposed kana", "か\u3099は\u309Aウ\u3099", "MMM"},
		{"kana mark without a composed form", "あ\u3099", "MM"},
		{"decomposed Latin", "Jose\u0301", "MMMM"},
		{"Latin sequence of JIS X 0213", "æ\u0300", "M"},
		{"mark that cannot be placed", "x\u0301漢\u0301", "--"},
		{"compatibility ideograph is not folded", "神福", "MM"},
	} {
		if got := answer(t, l.Body(), c.in); got != c.want {
			t.Errorf("%s: %+q: %s, want %s", c.name, c.in, got, c.want)
		}
	}
	if got := answer(t, l.Heading(), "お知らせ"); got != "GGGG" {
		t.Errorf("heading: %s", got)
	}
	if got := answer(t, l.Heading(), "𠮷田様"); got != "III" {
		t.Errorf("heading with a rare name: %s", got)
	}
}

// The glyph numbers are those fontTools reads from the fonts; 0 means that the
// font does not list the pair. BIZ UD draws 葛 in its JIS X 0213:2004 form, so
// there it is U+E0101 that means the bare base's own glyph.
func TestPairGlyphs(t *testing.T) {
	t.Parallel()
	l := library(t)
	for _, c := range []struct {
		face           int
		base, selector rune
		want           GlyphID
	}{
		{minchoID, '葛', 0, 2445},
		{minchoID, '葛', 0xE0100, 12547},
		{minchoID, '葛', 0xE0101, 2445},
		{minchoID, '葛', 0xE0102, 0},
		{ipamjID, '葛', 0, 23478},
		{ipamjID, '葛', 0xE0100, 0},
		{ipamjID, '葛', 0xE0102, 23477},
		{ipamjID, '葛', 0xE0103, 23478},
		{ipamjID, '邉', 0, 27208},
		{ipamjID, '邉', 0xE0110, 60580},
		{gothicID, '辻', 0xE0100, 12614},
		{gothicID, '辻', 0xE0101, 4020},
		{minchoID, 'あ', 0xE0100, 0},
		{minchoID, 0x20BB7, 0xE0100, 0},
	} {
		f := l.faces[c.face]
		if g, ok := f.Glyph(c.base, c.selector); g != c.want || ok != (c.want != 0) {
			t.Errorf("%s %c+%X: glyph %d, %v; want %d", f.Name(), c.base, c.selector, g, ok, c.want)
		}
	}
}

// The number of pairs each font lists is that of the published tables.
func TestPairCount(t *testing.T) {
	t.Parallel()
	want := []int{10160, 10160, 11474}
	for i, f := range library(t).Faces() {
		n := 0
		for r := rune(0x2E80); r < 0x30000; r++ {
			for i := range 256 {
				if len(f.uvs.own[i])+len(f.uvs.defaults[i]) == 0 {
					continue
				}
				s := rune(0xFE00 + i)
				if i >= 16 {
					s = rune(0xE0100 + i - 16)
				}
				if _, ok := f.Glyph(r, s); ok {
					n++
				}
			}
		}
		if n != want[i] {
			t.Errorf("%s knows %d pairs, want %d", f.Name(), n, want[i])
		}
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	body := library(t).Body()
	in := "𠮷\t葛\U000E01EF\U000E0100\xFF⦅"
	want := []Missing{
		{4, "\t", []rune{9}, ControlCharacter},
		{5, "葛\U000E01EF", []rune{'葛', 0xE01EF}, UnknownPair},
		{12, "\U000E0100", []rune{0xE0100}, LoneSelector},
		{16, "\xFF", []rune{0xFFFD}, LostCharacter},
		{17, "⦅", []rune{'⦅'}, NoGlyph},
	}
	_, shaped := body.Shape(in)
	for name, got := range map[string][]Missing{"Missing": body.Missing(in), "Shape": shaped} {
		if len(got) != len(want) {
			t.Fatalf("%s: %+v", name, got)
		}
		for i, m := range got {
			if w := want[i]; m.Index != w.Index || m.Text != w.Text || string(m.Runes) != string(w.Runes) || m.Reason != w.Reason {
				t.Errorf("%s: got %+v, want %+v", name, m, w)
			}
		}
	}
	if m := body.Missing("電力　太郎"); m != nil {
		t.Errorf("nothing is missing, yet %+v", m)
	}
	if m := body.Missing("𨺓\U000E0100"); len(m) != 1 || m[0].Reason != NoGlyph {
		t.Errorf("pair of an unknown base: %+v", m)
	}
}

func TestClusters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		want []Cluster
	}{
		{"", nil},
		{"a葛\U000E0100", []Cluster{{"a", 'a', 0}, {"葛\U000E0100", '葛', 0xE0100}}},
		{"\uFE00a\uFE0F", []Cluster{{"\uFE00", 0xFE00, 0}, {"a\uFE0F", 'a', 0xFE0F}}},
		{"か\u309A", []Cluster{{"か\u309A", 'か', 0x309A}}},
		{"か\u3099", []Cluster{{"か\u3099", 'が', 0}}},
		{"あ\u309A", []Cluster{{"あ", 'あ', 0}, {"\u309A", 0x309A, 0}}},
		{"ｶﾞ", []Cluster{{"ｶ", 'ｶ', 0}, {"ﾞ", 'ﾞ', 0}}},
		{"e\u0323\u0302", []Cluster{{"e\u0323\u0302", 'ệ', 0}}},
		{" \u0301", []Cluster{{" ", ' ', 0}, {"\u0301", 0x301, 0}}},
		{"神\u0301", []Cluster{{"神\u0301", '神', 0x301}}},
		{"\xE8\x91", []Cluster{{"\xE8", 0xFFFD, 0}, {"\x91", 0xFFFD, 0}}},
	} {
		got := Clusters(c.in)
		if len(got) != len(c.want) {
			t.Errorf("%+q: %+q", c.in, got)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%+q: got %+q, want %+q", c.in, got[i], c.want[i])
			}
		}
	}
}
