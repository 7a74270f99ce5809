package batch

import (
	"testing"

	"oshirase/letters"
)

func TestFoldJoinsFormsOfOneText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b string }{
		{"電力　太郎", "電力太郎"},
		{"ﾃﾞﾝﾘｮｸ", "デンリョク"},
		{"カ ﾞス", "ガス"},
		{"１－２－３", "1-2-3"},
		{"1﹣2﹣3", "1-2-3"},
		{"1ー2―3", "1−2–3"},
		{"㈱例示電気", "株式会社例示電気"},
		{"（株）例示電気", "株式会社 例示電気"},
		{"(同)例示", "合同会社例示"},
	} {
		if fold(c.a) != fold(c.b) {
			t.Errorf("fold(%q) = %q, fold(%q) = %q: want one key", c.a, fold(c.a), c.b, fold(c.b))
		}
	}
}

func TestFoldKeepsDifferentTextsApart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b string }{
		{"髙木", "高木"},
		{"神田", "\ufa19田"}, // NFC would make them one
		{"ガス", "カス"},
		{"1-23", "12-3"},
		{"株式会社例示", "例示株式会社"},
		{"葛\U000E0100", "葛"},
	} {
		if fold(c.a) == fold(c.b) {
			t.Errorf("fold(%q) = fold(%q) = %q, want two keys", c.a, c.b, fold(c.a))
		}
	}
}

func FuzzFoldTwiceIsFoldOnce(f *testing.F) {
	for _, s := range []string{"カ ﾞ", "( 株 )電力", "（㈱）", "1ー2﹣3", "か\u3099\u3099", "㈱(株)", "ｰﾞ", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := fold(s)
		if twice := fold(once); twice != once {
			t.Errorf("fold(%q) = %q, folded again %q", s, once, twice)
		}
	})
}

// someone is a row that lacks nothing.
func someone() letters.Row {
	return letters.Row{SupplyPoint: "0900000000000000000001", Name: "電力 太郎", Kana: "デンリョク タロウ", Kind: letters.Individual,
		PostalCode: "8100004", Address: "福岡県福岡市見本区例示1-2-3", Phone: "0920000001", RetailerCode: "0042", System: "CC"}
}

func TestKeyOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what               string
		change             func(*letters.Row)
		sameCase, sameFold bool
		samePerson         bool
	}{
		{"nothing", func(*letters.Row) {}, true, true, true},
		{"width of the name", func(r *letters.Row) { r.Name = "電力太郎" }, true, true, true},
		{"another name", func(r *letters.Row) { r.Name = "電力 花子" }, false, false, false},
		{"another system", func(r *letters.Row) { r.System = "NW" }, false, true, true},
		{"another retailer", func(r *letters.Row) { r.RetailerCode = "42" }, false, true, true},
		{"another contract", func(r *letters.Row) { r.SupplyPoint = "0900000000000000000002" }, false, true, true},
		{"another postal code", func(r *letters.Row) { r.PostalCode = "8100005" }, true, false, false},
		{"another building", func(r *letters.Row) { r.Building = "見本荘1" }, true, false, false},
		{"another telephone", func(r *letters.Row) { r.Phone = "" }, true, true, false},
		{"another kind, perhaps guessed", func(r *letters.Row) { r.Kind = letters.Corporate }, true, true, true},
	} {
		r := someone()
		c.change(&r)
		a, b := KeyOf(someone()), KeyOf(r)
		if got := a.CaseKey == b.CaseKey; got != c.sameCase {
			t.Errorf("%s: same case = %v, want %v", c.what, got, c.sameCase)
		}
		if got := a.FoldKey == b.FoldKey; got != c.sameFold {
			t.Errorf("%s: same fold = %v, want %v", c.what, got, c.sameFold)
		}
		if got := a.PersonKey == b.PersonKey; got != c.samePerson {
			t.Errorf("%s: same person = %v, want %v", c.what, got, c.samePerson)
		}
	}
}

// Two people of one name without an address are two people.
func TestKeyOfWithoutAddress(t *testing.T) {
	t.Parallel()
	for what, hinder := range map[string]func(*letters.Row){
		"no postal code": func(r *letters.Row) { r.PostalCode = "" },
		"blank address":  func(r *letters.Row) { r.Address = "　" },
		"held":           func(r *letters.Row) { r.Held = []letters.Reason{letters.ReasonAddress} },
	} {
		a, b, other := someone(), someone(), someone()
		b.System = "NW"
		other.SupplyPoint = "0900000000000000000002"
		for _, r := range []*letters.Row{&a, &b, &other} {
			hinder(r)
		}
		if KeyOf(a).FoldKey == KeyOf(other).FoldKey {
			t.Errorf("%s: two contracts fold into one letter, want two letters", what)
		}
		if KeyOf(a).FoldKey != KeyOf(b).FoldKey {
			t.Errorf("%s: two systems of one contract do not fold, want one letter", what)
		}
	}
}
