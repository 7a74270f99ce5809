package postal

import (
	"regexp"
	"strings"
)

// Kind says what a postal code stands for.
type Kind string

// Kinds of a code.
const (
	Area   Kind = "area"   // a town
	Office Kind = "office" // 大口事業所個別番号
	Box    Kind = "box"    // 私書箱: an individual code, or a post office's collective one
)

// Row is one line of postal data: one town, or one office, of one code.
type Row struct {
	Code       string // 7 digits
	Kind       Kind
	Prefecture string
	City       string // with 郡 and 区 as the data have it: 糟屋郡新宮町, 福岡市中央区
	Town       string // "" = the whole city, or what no other code covers
	Detail     string // what stood in parentheses behind the town
}

var (
	sectionRange = regexp.MustCompile(`第?[０-９]+地割.*[〜～、].*$`)
	townFollows  = regexp.MustCompile(`の次に.*場合$`)
)

// TownRows returns the area rows of one line of KEN_ALL: usually one, more
// where the line names several towns (甲、乙). rawTown is the town as Japan
// Post writes it, with its parentheses.
func TownRows(code, prefecture, city, rawTown string) []Row {
	return townRows(Row{Code: code, Kind: Area, Prefecture: prefecture, City: city}, rawTown)
}

// townRows cleans a town as KEN_ALL has it and returns one row for each town
// it names; r brings code, kind, prefecture and city.
func townRows(r Row, raw string) []Row {
	town, detail := splitDetail(raw)
	if town == "以下に掲載がない場合" || townFollows.MatchString(town) || wholeCity(r.City, town) {
		r.Town, r.Detail = "", ""
		return []Row{r}
	}
	if at := sectionRange.FindStringIndex(town); at != nil {
		town, detail = town[:at[0]], town[at[0]:]
	}
	var rows []Row
	for name := range strings.SplitSeq(town, "、") {
		r.Town, r.Detail = name, detail
		rows = append(rows, r)
	}
	return rows
}

// splitDetail takes the part from the first parenthesis on off a town.
func splitDetail(raw string) (town, detail string) {
	town, detail, found := strings.Cut(raw, "（")
	if !found {
		return raw, ""
	}
	return town, strings.TrimSuffix(detail, "）")
}

// wholeCity recognises 姫島村一円 in 東国東郡姫島村. The town 一円 in
// 犬上郡多賀町 is a place name and stays.
func wholeCity(city, town string) bool {
	name := strings.TrimSuffix(town, "一円")
	return name != "" && name != town && strings.HasSuffix(city, name)
}
