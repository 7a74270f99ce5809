package audit

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"oshirase/letters"
)

func key() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
}

func public() ed25519.PublicKey { return key().Public().(ed25519.PublicKey) }

// chainOf returns a database of n rows with an anchor after every tenth and
// after the last.
func chainOf(t *testing.T, n int) (*memory, []Anchor) {
	t.Helper()
	m := new(memory)
	var anchors []Anchor
	for i := range n {
		head, err := Chain(m).Append(t.Context(), []Dated{{clock().Add(time.Duration(i) * time.Second), entry(i)}})
		if err != nil {
			t.Fatal(err)
		}
		if head.N%10 == 0 || i == n-1 {
			a, err := NewAnchor(letters.Date("2023-02-01").AddDays(len(anchors)), head, key())
			if err != nil {
				t.Fatal(err)
			}
			anchors = append(anchors, a)
		}
	}
	return m, anchors
}

const chainLength = 47

// tamperings change a copy of the rows at i (and sometimes j) and say which
// row Verify must name.
var tamperings = map[string]func(rows []Record, i, j int, r *rand.Rand) ([]Record, int64){
	"edit": func(rows []Record, i, _ int, r *rand.Rand) ([]Record, int64) {
		row := &rows[i]
		members := []*string{&row.Actor, &row.Action, &row.Object, &row.Reason, &row.Outcome, &row.Client}
		*members[r.IntN(len(members))] += "x"
		return rows, row.N
	},
	"edit of the instant": func(rows []Record, i, _ int, r *rand.Rand) ([]Record, int64) {
		rows[i].At += 1 + r.Int64N(1e9)
		return rows, int64(i + 1)
	},
	"edit with a new hash": func(rows []Record, i, _ int, _ *rand.Rand) ([]Record, int64) {
		rows[i].Actor = "taro"
		rows[i].Hash, _ = rows[i].sum()
		if next := i + 1; next < len(rows) && (i+1)%10 != 0 {
			return rows, int64(next + 1) // the next row does not follow it
		}
		return rows, int64(i + 1) // its own anchor
	},
	"deletion": func(rows []Record, i, _ int, _ *rand.Rand) ([]Record, int64) {
		return append(rows[:i], rows[i+1:]...), int64(i + 1)
	},
	"swap": func(rows []Record, i, j int, _ *rand.Rand) ([]Record, int64) {
		rows[i], rows[j] = rows[j], rows[i]
		return rows, int64(min(i, j) + 1)
	},
	"swap with numbers mended": func(rows []Record, i, j int, _ *rand.Rand) ([]Record, int64) {
		rows[i], rows[j] = rows[j], rows[i]
		rows[i].N, rows[j].N = rows[j].N, rows[i].N
		return rows, int64(min(i, j) + 1)
	},
	"insertion": func(rows []Record, i, _ int, _ *rand.Rand) ([]Record, int64) {
		return append(rows[:i+1], rows[i:]...), int64(i + 2)
	},
	"tail cut": func(rows []Record, i, _ int, _ *rand.Rand) ([]Record, int64) {
		return rows[:i], int64(i + 1)
	},
	"chain computed anew": func(rows []Record, i, _ int, _ *rand.Rand) ([]Record, int64) {
		rows[i].Reason = "other"
		for k := i; k < len(rows); k++ {
			if k > 0 {
				rows[k].Prev = rows[k-1].Hash
			}
			rows[k].Hash, _ = rows[k].sum()
		}
		return rows, int64(min((i/10+1)*10, len(rows))) // the next anchor
	},
}

func TestTwoHundredTamperingsFound(t *testing.T) {
	t.Parallel()
	m, anchors := chainOf(t, chainLength)
	if rep, err := Verify(m.Since(t.Context(), 0), anchors, public()); err != nil || rep.Bad != nil || rep.Anchors != len(anchors) {
		t.Fatalf("untouched: %+v, %v", rep, err)
	}
	names := []string{"edit", "edit of the instant", "edit with a new hash", "deletion", "swap",
		"swap with numbers mended", "insertion", "tail cut", "chain computed anew"}
	if len(names) != len(tamperings) {
		t.Fatal("a tampering is not tried")
	}
	r := rand.New(rand.NewPCG(1, 2))
	found := 0
	for try := range 200 {
		name := names[try%len(names)]
		i := r.IntN(chainLength)
		j := (i + 1 + r.IntN(chainLength-1)) % chainLength
		rows, want := tamperings[name](append([]Record(nil), m.rows...), i, j, r)
		rep, err := Verify((&memory{rows: rows}).Since(t.Context(), 0), anchors, public())
		if err != nil {
			t.Fatal(err)
		}
		if rep.Bad == nil || rep.Bad.N != want {
			t.Errorf("%s at %d, %d: found %v, want row %d", name, i+1, j+1, rep.Bad, want)
			continue
		}
		found++
	}
	if found != 200 {
		t.Errorf("%d of 200 tamperings found", found)
	}
}

// TestEveryByteOfTheFileCounts changes each byte of a file in turn.
func TestEveryByteOfTheFileCounts(t *testing.T) {
	t.Parallel()
	f, path := fresh(t)
	appendN(t, f, 2)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first := bytes.IndexByte(whole, '\n')
	for i := range whole {
		bad := bytes.Clone(whole)
		bad[i] ^= 1
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		want := int64(1)
		if i > first {
			want = 2
		}
		if rep := verifyFile(t, f, nil, nil); rep.Bad == nil || rep.Bad.N != want {
			t.Fatalf("byte %d changed: %+v, want row %d", i, rep, want)
		}
	}
	// A look must not be chained onto a damaged file.
	whole[len(whole)-5] ^= 1
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Chain(openFile(t, path)).Append(t.Context(), []Dated{{clock(), entry(9)}}); err == nil {
		t.Error("a damaged file was appended to")
	}
}

func TestAnchorsAreSigned(t *testing.T) {
	t.Parallel()
	m, anchors := chainOf(t, 12)
	check := func(what string, anchors []Anchor, want BadRow) {
		t.Helper()
		rep, err := Verify(m.Since(t.Context(), 0), anchors, public())
		if err != nil || rep.Bad == nil || *rep.Bad != want {
			t.Errorf("%s: %+v, %v, want %v", what, rep.Bad, err, want)
		}
	}
	forged := append([]Anchor(nil), anchors...)
	forged[1].Date = "2023-03-01"
	check("another day", forged, BadRow{12, BadAnchor})
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, ed25519.SeedSize))
	forged[1], _ = NewAnchor("2023-02-02", m.head(), other)
	check("another key", forged, BadRow{12, BadAnchor})
	forged[1].Sig = ""
	check("no signature", forged, BadRow{12, BadAnchor})
}

func TestAnchorFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "anchors.jsonl")
	if all, err := ReadAnchors(path); err != nil || len(all) != 0 {
		t.Fatalf("before the first day: %v, %v", all, err)
	}
	m, anchors := chainOf(t, 25)
	for _, a := range anchors {
		for range 2 { // the same again is fine
			if err := AddAnchor(path, a); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, err := ReadAnchors(path)
	if err != nil || fmt.Sprint(got) != fmt.Sprint(anchors) {
		t.Fatalf("read %v, %v, want %v", got, err, anchors)
	}
	if rep, err := Verify(m.Since(t.Context(), 0), got, public()); err != nil || rep.Bad != nil || rep.Anchors != 3 {
		t.Errorf("%+v, %v", rep, err)
	}
	second, err := NewAnchor(anchors[0].Date, m.head(), key())
	if err != nil {
		t.Fatal(err)
	}
	if err := AddAnchor(path, second); !errors.Is(err, ErrAnchored) {
		t.Errorf("a second head of one day: %v, want ErrAnchored", err)
	}
}

// TestCanonicalIsOneSpelling holds the hash to the bytes of Canonical.
func TestCanonicalIsOneSpelling(t *testing.T) {
	t.Parallel()
	m, _ := chainOf(t, 1)
	b, err := m.rows[0].Canonical()
	if err != nil || !json.Valid(b) || bytes.ContainsAny(b, "\n") || bytes.Contains(b, []byte("hash")) {
		t.Errorf("canonical %s, %v", b, err)
	}
	if !bytes.Contains(b, []byte("<T-1>")) {
		t.Errorf("characters are escaped: %s", b)
	}
}

func TestVerifyPassesReadErrorsOn(t *testing.T) {
	t.Parallel()
	rep, err := Verify(func(yield func(Record, error) bool) { yield(Record{}, context.DeadlineExceeded) }, nil, nil)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Verify = %+v, %v", rep, err)
	}
}
