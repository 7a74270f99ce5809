package intake

import (
	"bufio"
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"
)

// oracle prints every two-byte code of CPython's cp932 codec, which shares no
// code with ours, and every character's code when it writes.
const oracle = `
for lead in range(0x81, 0xfd):
    if 0xa0 <= lead <= 0xdf: continue
    for trail in range(0x40, 0xfd):
        b = bytes([lead, trail])
        try: c = b.decode("cp932")
        except UnicodeDecodeError: c = ""
        if len(c) == 1: print("%04X %04X %s" % (lead << 8 | trail, ord(c), c.encode("cp932").hex().upper()))
for one in range(0x00, 0x100):
    try: c = bytes([one]).decode("cp932")
    except UnicodeDecodeError: continue
    print("%02X %04X %02X" % (one, ord(c), one))
`

// TestCP932AgainstPython compares every code with the independent codec. A
// code whose character is written with another code (NEC row 13, NEC-selected
// and IBM extensions) must be one that we call a twin; all others round-trip
// byte for byte.
func TestCP932AgainstPython(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("python3", "-c", oracle).Output()
	if err != nil {
		t.Fatalf("python3: %v", err)
	}
	table := newCP932()
	want := map[int]rune{}
	twins := 0
	for sc := bufio.NewScanner(bytes.NewReader(out)); sc.Scan(); {
		var code int
		var char rune
		var back string
		if _, err := fmt.Sscanf(sc.Text(), "%X %X %s", &code, &char, &back); err != nil {
			t.Fatal(err)
		}
		want[code] = char
		if back != fmt.Sprintf("%0*X", len(back), code) {
			twins++
			if !table.twin(byte(code >> 8)) {
				t.Errorf("code %X reads as U+%04X, which is written %s: not called a twin", code, char, back)
			}
		}
	}
	if len(want) < 9_000 || twins < 380 {
		t.Fatalf("oracle gave %d codes and %d twins", len(want), twins)
	}
	compareCodes(t, table, want)
}

func compareCodes(t *testing.T, table cp932, want map[int]rune) {
	t.Helper()
	for code := range 0x10000 {
		raw := []byte{byte(code >> 8), byte(code)}
		if code < 0x100 {
			raw = raw[1:]
		} else if !isLead(raw[0]) {
			continue
		}
		got, n := table.character(raw)
		char, known := want[code]
		known = known && !(char >= 0x80 && char < 0xa1) && !(char >= 0xf8f0 && char <= 0xf8f3) // 80 A0 FD FE FF: no characters
		switch {
		case known && (got != char || n != len(raw)):
			t.Errorf("code %X = U+%04X (%d bytes), want U+%04X", code, got, n, char)
		case !known && got != utf8.RuneError && n == len(raw):
			t.Errorf("code %X = U+%04X, want a broken byte", code, got)
		}
	}
}

func TestCP932HouseCharacters(t *testing.T) {
	t.Parallel()
	table := newCP932()
	for raw, want := range map[string]rune{"\xf0\x40": 0xe000, "\xf0\x7e": 0xe03e, "\xf0\x80": 0xe03f, "\xf0\xfc": 0xe0bb,
		"\xf1\x40": 0xe0bc, "\xf9\xfc": 0xe757, "\xfb\xfc": '髙', "\xee\xe0": '髙', "\xfa\xb1": '﨑', "\x87\x40": '①', "\x81\x60": '～'} {
		if got, n := table.character([]byte(raw)); got != want || n != 2 {
			t.Errorf("% X = U+%04X, want U+%04X", raw, got, want)
		}
	}
}

// TestCP932LeadByteEatsNothing: a broken lead byte before a comma, a quote or
// a line break leaves them where they are.
func TestCP932LeadByteEatsNothing(t *testing.T) {
	t.Parallel()
	table := newCP932()
	text, broken := table.decode([]byte("\x8c,\x8c\"\x8c"), 100)
	if text != "\ufffd,\ufffd\"\ufffd" || len(broken) != 3 {
		t.Fatalf("text %q, broken %v", text, broken)
	}
	for i, want := range []int64{100, 102, 104} {
		if broken[i].offset != want || !strings.HasPrefix(text[broken[i].at:], "\ufffd") {
			t.Errorf("breakage %d = %+v, want offset %d", i, broken[i], want)
		}
	}
}
