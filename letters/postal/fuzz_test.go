package postal

import (
	"bytes"
	"strings"
	"testing"
)

// FuzzReadJapanPost: no file makes the reader panic, and what it takes can be
// kept in the compact form and read again.
func FuzzReadJapanPost(f *testing.F) {
	f.Add([]byte(kenAll))
	f.Add([]byte(offices))
	f.Add([]byte("\uFEFF" + kenAll[:200]))
	f.Add([]byte("40133,\"810\"\x95\x9f"))
	f.Fuzz(func(t *testing.T, file []byte) {
		rows, _, err := ReadJapanPost(file)
		if err != nil {
			return
		}
		d, err := New(About{Source: "fuzz"}, rows)
		if err != nil {
			t.Fatalf("rows that were read cannot be kept: %v", err)
		}
		var b bytes.Buffer
		if _, err := d.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		back, err := Read(&b)
		if err != nil || back.Version() != d.Version() {
			t.Fatalf("not as written: %v", err)
		}
	})
}

// FuzzBarcode: whatever stands in an address, there is a barcode of 67 bars
// that begins with the code, or a reason.
func FuzzBarcode(f *testing.F) {
	for _, v := range append(manual, derived...) {
		f.Add(v.code, v.address)
	}
	f.Add("810-8720", "福岡市中央区渡辺通2")
	f.Add("980-8691", "仙台市青葉区仙台中央郵便局私書箱第２１５号")
	f.Add("8100001", "天神\xff一二三〇億丁目")
	d := loaded(f)
	f.Fuzz(func(t *testing.T, code, address string) {
		b, reason := d.Barcode(code, address, "")
		if (reason == "") != (len(b.Bars) == barCount) {
			t.Fatalf("reason %q with %d bars", reason, len(b.Bars))
		}
		if reason == "" && (!strings.HasPrefix(b.Code, normalCode(code)) || len(d.Rows(b.Code)) == 0 && !strings.HasSuffix(b.Code, "91")) {
			t.Fatalf("barcode of %s for %s", b.Code, code)
		}
	})
}
