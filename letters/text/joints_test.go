package text

import (
	"strings"
	"testing"
)

func joined(t *testing.T, s string, measure float64, join func([]Item)) string {
	t.Helper()
	items := set(Itemize(nil, []Inline{{Text: s}}))
	join(items)
	var b Breaker
	lines, _ := b.Break(items, measure, Options{Grid: true})
	return strings.Join(linesOf(items, lines), "｜")
}

func TestAddressesBreakAtTheirJoints(t *testing.T) {
	t.Parallel()
	for want, measure := range map[string]float64{
		"福岡県福岡市中央区見本町｜４丁目４０番６４号":            16,
		"鹿児島県大島郡架空町大字見本浦｜字例ヶ迫｜四丁目１２３５番地の６４": 15,
		"架空県見本市例町｜1丁目2番3号":                  9,
		"京都府京都市見本区｜例町見本":                    11,
		"千葉県｜市川市｜例町見本":                      5,
		"見本県余市町｜例見本":                        6,
		"見本県四日市市｜例町１－２３５":                   7.5,
		"見本県例市三宅八の久保町｜１２３５":                 13,
		"見本県例市北六条東｜4丁目1番":                   9,
		"グランドメゾン見本ヶ丘　｜１２０３号室":               14,
		"見本ハイツ｜101号室":                       6,
		"見本県例市第二十一地割｜大淵川480":                12,
		"福岡県福岡市中央区見本町｜１２３５番地の６４":            16,
		"見本県｜例館Ａ１２３５６７":                     9,
	} {
		s := strings.ReplaceAll(want, "｜", "")
		if got := joined(t, s, measure, JoinPlace); got != want {
			t.Errorf("in %g: got %s, want %s", measure, got, want)
		}
	}
}

// The numbers of an address are never parted while a line can hold them.
func TestNumbersOfAddressesStayWhole(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"４丁目４０番６４号", "1235番地の64", "四丁目十二番六号", "１－２３５－６", "2-1-82"} {
		for before := 1; before < 30; before++ {
			s := "見本県" + strings.Repeat("例", before) + "町" + number + "見本館"
			for measure := 10.0; measure < 22; measure++ {
				if got := joined(t, s, measure, JoinPlace); !strings.Contains(got, number) {
					t.Fatalf("in %g: %s", measure, got)
				}
			}
		}
	}
}

func TestNamesBreakBehindBlanks(t *testing.T) {
	t.Parallel()
	for want, measure := range map[string]float64{
		"架空商事株式会社　｜見本営業部　北課":   13,
		"架空商事株式会社　見本営業部　｜北見本課": 16,
		"架空総合管理｜株式会社":          6,
	} {
		s := strings.ReplaceAll(want, "｜", "")
		if got := joined(t, s, measure, JoinName); got != want {
			t.Errorf("in %g: got %s, want %s", measure, got, want)
		}
	}
}
