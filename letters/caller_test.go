package letters

import "testing"

func subject() Subject {
	return Subject{Name: "髙橋 太郎", Kana: "タカハシ タロウ", PostalCode: "8100004", Phone: "0920001234"}
}

func TestCallerIsForgivenWhatAVoiceCannotTell(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"髙橋 太郎", "髙橋太郎", "高橋　太郎", "高橋太郎様", "たかはしたろう", "ﾀｶﾊｼ ﾀﾛｳ", "タカハシ・タロウ"} {
		if !(Claim{Name: name, Postcode: "〒810-0004"}).ByName(subject()) {
			t.Errorf("%s is refused", name)
		}
	}
	for _, c := range []Claim{{Name: "高橋 次郎", Postcode: "8100004"}, {Name: "高橋", Postcode: "8100004"}, {Name: "", Postcode: "8100004"},
		{Name: "髙橋 太郎", Postcode: "8100005"}, {Name: "髙橋 太郎", Postcode: ""}, {Name: "様", Postcode: "8100004"}} {
		if c.ByName(subject()) {
			t.Errorf("%+v agrees", c)
		}
	}
	if (Claim{Name: "電力", Postcode: "8100004"}).ByName(Subject{Name: "電力", PostalCode: ""}) {
		t.Error("a letter without postcode agrees")
	}
}

func TestLastFourDigits(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]bool{"1234": true, "１２３４": true, "12-34": true, "234": false, "01234": false,
		"0920001234": false, "": false, "abcd": false, "1235": false} {
		if got := (Claim{LastFour: typed}).ByPhone(subject()); got != want {
			t.Errorf("%q: %v, want %v", typed, got, want)
		}
	}
	if (Claim{LastFour: "1234"}).ByPhone(Subject{Phone: ""}) || (Claim{LastFour: ""}).ByPhone(Subject{Phone: ""}) {
		t.Error("a letter without a telephone number agrees")
	}
}

func TestNumberFaultsAreKnownBeforeAnySearch(t *testing.T) {
	t.Parallel()
	id, err := NewID(zeros{})
	if err != nil {
		t.Fatal(err)
	}
	good := string(id)
	wide := "１２３４"
	for typed, want := range map[string]NumberFault{
		good: NumberGood, id.Groups(): NumberGood, " " + good[:4] + "　" + good[4:8] + "ー" + good[8:12] + "−" + good[12:]: NumberGood,
		"": NumberEmpty, " - ": NumberEmpty, wide: NumberShort, good + "1": NumberLong, good[:15]: NumberShort,
		"1234-5678-9012-345O": NumberLetters, "0912345678901234567890": NumberSupply, "092-000-1234": NumberPhone, "０９０００００１２３４": NumberPhone,
	} {
		got, fault := ReadNumber(typed)
		if fault != want || (fault == NumberGood) != (got == id) {
			t.Errorf("%q: %q, %q, want %q", typed, got, fault, want)
		}
	}
	for i := range good {
		for d := byte('0'); d <= '9'; d++ {
			wrong := good[:i] + string(d) + good[i+1:]
			if _, fault := ReadNumber(wrong); wrong != good && fault != NumberMistyped {
				t.Errorf("one digit mistyped, %s: %q", wrong, fault)
			}
		}
		if i > 0 && good[i] != good[i-1] {
			wrong := good[:i-1] + string(good[i]) + string(good[i-1]) + good[i+1:]
			if _, fault := ReadNumber(wrong); fault != NumberMistyped {
				t.Errorf("two digits swapped, %s: %q", wrong, fault)
			}
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(i * 37)
	}
	return len(p), nil
}

func TestMasks(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"電力 太郎": "電＊ 太＊", "電力太郎": "電＊＊＊", "株式会社見本": "株＊＊＊＊＊", "": "",
		"林 健": "＊ ＊", "電力　明": "電＊　＊", "葛\U000E0100": "＊", "葛\U000E0100城 𠮷": "葛＊ ＊"} {
		if got := MaskedName(name); got != want {
			t.Errorf("%s is masked as %s, want %s", name, got, want)
		}
	}
	if got := MaskedEnd("0920001234", 4); got != "＊＊＊＊1234" {
		t.Errorf("masked number %s", got)
	}
}
