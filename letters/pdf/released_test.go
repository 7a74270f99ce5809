package pdf

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"oshirase/batch"
	"oshirase/batch/intake"
	"oshirase/batch/sample"
	"oshirase/letters"
	"oshirase/letters/postal"
	"oshirase/letters/text"
	"oshirase/templates"
)

// shop makes letters exactly as they are released: a made-up list read by the
// program's own reader, the shipped wording with the demo's values, barcodes
// from the postal data.
type shop struct {
	set      *templates.Set
	composer *text.Composer
	towns    *postal.Data
	shared   *Shared
}

func newShop(t testing.TB) *shop {
	t.Helper()
	set, err := templates.Load(templates.Shipped(), templates.DemoOverlay())
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{set: set, composer: text.NewComposer(set)}
	if s.towns, err = postal.Load(); err != nil {
		t.Fatal(err)
	}
	fixed, err := s.composer.Fixed()
	if err != nil {
		t.Fatal(err)
	}
	heavy, err := s.composer.FixedBold()
	if err != nil {
		t.Fatal(err)
	}
	common, err := set.File("letters/common.txt")
	if err != nil {
		t.Fatal(err)
	}
	lib, err := library()
	if err != nil {
		t.Fatal(err)
	}
	s.shared, err = NewShared(Config{Library: lib, Sheet: set.Incident().Sheet, TemplateText: append(fixed, string(common)), HeadingText: heavy,
		TemplateVersion: set.Version(), Lang: "ja"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// hardEvery is how often one of the letters gets one of the hardest names, on
// top of those that the list has.
const hardEvery = 20

// hardest are the names that other makers lose, in rising order of rarity.
var hardest = []string{"髙﨑 濵", "ﾃﾞﾝﾘｮｸ ﾀﾛｳ", "𠮷田 花子", "𡈽屋 𠮷男", "葛\U000E0100城 電子", "葛\U000E0101西 光", "邉\U000E010F田 送子", "槗本 齋藤"}

// released draws n different letters, each of which can go out.
func (s *shop) released(t testing.TB, n int) []letters.Letter {
	t.Helper()
	all := s.fold(t, s.rows(t, n*3/2+40))
	r := s.shared.NewRenderer()
	out := make([]letters.Letter, 0, n)
	for i := range all {
		l := &all[i]
		if i%hardEvery == hardEvery-1 {
			l.Recipient.Name, l.Recipient.Kind = hardest[i/hardEvery%len(hardest)], letters.Individual
		}
		_, err := r.Pages(s.input(t, l))
		var hold *HoldError
		if errors.As(err, &hold) {
			continue // a 外字, an address that does not fit: never released
		}
		if err != nil {
			t.Fatal(err)
		}
		if out = append(out, *l); len(out) == n {
			return out
		}
	}
	t.Fatalf("the list gives %d letters, want %d", len(out), n)
	return nil
}

// rows reads a made-up list of so many contracts.
func (s *shop) rows(t testing.TB, contracts int) []letters.Row {
	t.Helper()
	dir := t.TempDir()
	if _, err := sample.Write(t.Context(), dir, sample.Options{Contracts: contracts, Seed: 1, Encoding: sample.UTF8}); err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile(filepath.Join(dir, "list.csv"))
	if err != nil {
		t.Fatal(err)
	}
	words, err := fs.Sub(templates.Shipped(), "headings")
	if err != nil {
		t.Fatal(err)
	}
	headings, err := intake.ReadHeadings(words)
	if err != nil {
		t.Fatal(err)
	}
	var out []letters.Row
	_, err = intake.Read(t.Context(), "list.csv", bytes.NewReader(list), int64(len(list)),
		intake.Options{Incident: s.set.Incident(), Headings: headings}, func(r letters.Row) error {
			if len(r.Held) == 0 && !r.Disaster {
				out = append(out, r)
			}
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// fold makes a letter of all rows of one person, in the order of the list.
func (s *shop) fold(t testing.TB, rows []letters.Row) []letters.Letter {
	t.Helper()
	random := rand.NewChaCha8([32]byte{1})
	at := map[string]int{}
	var out []letters.Letter
	for _, row := range rows {
		key := batch.KeyOf(row).PersonKey
		i, known := at[key]
		if !known {
			id, err := letters.NewID(random)
			if err != nil {
				t.Fatal(err)
			}
			i = len(out)
			at[key] = i
			out = append(out, letters.Letter{ID: id, Generation: 1, Month: "2023-02", Kind: letters.First, Channel: letters.Print,
				Date: "2023-03-01", DocumentNo: "見本第1号", Recipient: letters.Recipient{Name: row.Name, Kana: row.Kana, Kind: row.Kind,
					PostalCode: row.PostalCode, Address: row.Address, Building: row.Building}})
		}
		out[i].Cases = append(out[i].Cases, letters.Case{SupplyPoint: row.SupplyPoint, DemandPlace: row.DemandPlace, System: row.System,
			RetailerCode: row.RetailerCode, RetailerName: row.RetailerName, Supply: row.Supply, LastResort: row.LastResort, Version: 1,
			Confirmed: row.Items, Unrecorded: len(row.Items) == 0, First: row.First, Last: row.Last})
	}
	return slices.DeleteFunc(out, func(l letters.Letter) bool { return l.Recipient.PostalCode == "" || l.Recipient.Address == "" })
}

// input composes a letter and looks up its barcode, as the program's press does.
func (s *shop) input(t testing.TB, l *letters.Letter) Input {
	t.Helper()
	doc, err := s.composer.Compose(l)
	if err != nil {
		t.Fatal(err)
	}
	in := Input{Doc: doc, LetterID: string(l.ID), Generation: l.Generation, Channel: l.Channel, Date: l.Date}
	if code, why := s.towns.Barcode(l.Recipient.PostalCode, l.Recipient.Address, l.Recipient.Building); why == "" {
		in.Barcode = code.Bars
	}
	return in
}
