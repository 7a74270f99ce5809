package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"testing"
)

// spellings are members that JSON writes in many ways.
func spellings() []string {
	return []string{"", "hanako", "inquiry <T-1> & more", "電力 太郎", "𠮷", `quote " and \`, "tab\tnewline\n", "\x7f\x00", "\u2028\u2029", "\xff\xfe", "\ufffd", "é", "0"}
}

func randomRecord(r *rand.Rand) Record {
	all := spellings()
	s := func() string { return all[r.IntN(len(all))] }
	return Record{N: r.Int64N(1e6) - 5, At: r.Int64() - r.Int64(), Actor: s(), Action: s(), Object: s(), Reason: s(), Outcome: s(), Client: s(), Prev: s(), Hash: s()}
}

// TestLineIsWhatJSONWrites holds the spelling to encoding/json.
func TestLineIsWhatJSONWrites(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		rec := randomRecord(r)
		got, err := rec.Line()
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if e := enc.Encode(rec); e != nil || err != nil {
			t.Fatal(e, err)
		}
		if string(got)+"\n" != want.String() {
			t.Fatalf("%+v is written\n%s, want\n%s", rec, got, want.String())
		}
	}
}

// TestOneSpellingIsRead changes lines at random: a line is read exactly when
// it is what encoding/json reads and writes again.
func TestOneSpellingIsRead(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	read := 0
	for range 50_000 {
		line, err := randomRecord(r).Line()
		if err != nil {
			t.Fatal(err)
		}
		switch r.IntN(4) {
		case 0:
			line[r.IntN(len(line))] = `"\,:{}0 x`[r.IntN(9)]
		case 1:
			i := r.IntN(len(line))
			line = append(line[:i], line[i+1:]...)
		case 2:
			i := r.IntN(len(line))
			line = append(line[:i:i], append([]byte{`0 ,"-+`[r.IntN(6)]}, line[i:]...)...)
		}
		got, err := ParseLine(line, 7)
		want, ok := readByJSON(line)
		if (err == nil) != ok || ok && got != want {
			t.Fatalf("%s: read as %+v, %v, want %+v, %v", line, got, err, want, ok)
		}
		if bad, is := errors.AsType[*BadRow](err); err != nil && (!is || *bad != (BadRow{7, Unreadable})) {
			t.Fatalf("%s: %v", line, err)
		}
		if ok {
			read++
		}
	}
	if read < 10_000 || read > 40_000 {
		t.Errorf("%d of 50000 lines could be read", read)
	}
}

func readByJSON(line []byte) (Record, bool) {
	var rec Record
	if err := json.Unmarshal(line, &rec); err != nil {
		return rec, false
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	return rec, enc.Encode(rec) == nil && b.String() == string(line)+"\n"
}

func BenchmarkParseAndCheck(b *testing.B) {
	rec, err := next(Head{41, "4310476da56f4533d22379188db9a32453a991bddb0e9ae1c22dfd846ad5f2c6"}, clock(), entry(1))
	if err != nil {
		b.Fatal(err)
	}
	line, err := rec.Line()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		got, err := ParseLine(line, 42)
		if err != nil || got.follows(Head{41, rec.Prev}) != "" {
			b.Fatal(err)
		}
	}
}
