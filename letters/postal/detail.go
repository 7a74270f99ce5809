package postal

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	blockItem = regexp.MustCompile(`^([0-9]+)(?:〜([0-9]+))?(?:丁目)?$`)
	blockHead = regexp.MustCompile(`^([0-9]+)(?:丁|-|$)`)
)

// covers reports whether the 丁目 of an address may belong to a row. Only a
// detail that is a plain list of 丁目 can say no; every other kind (番地,
// その他, place names, floors) says nothing that could be held against it.
func covers(r Row, rest []rune) bool {
	ranges := blockRanges(r.Detail)
	if r.Kind != Area || ranges == nil {
		return true
	}
	m := blockHead.FindStringSubmatch(string(convertNumerals(rest)))
	if m == nil {
		return true
	}
	block, err := strconv.Atoi(m[1])
	for _, b := range ranges {
		if err == nil && block >= b[0] && block <= b[1] {
			return true
		}
	}
	return false
}

// blockRanges reads 「１〜３、５丁目」 as [1 3] [5 5]; nil for anything else.
func blockRanges(detail string) [][2]int {
	if !strings.Contains(detail, "丁目") {
		return nil
	}
	var ranges [][2]int
	for item := range strings.SplitSeq(detail, "、") {
		m := blockItem.FindStringSubmatch(string(fold(item).runes))
		if m == nil {
			return nil
		}
		from, _ := strconv.Atoi(m[1])
		to := from
		if m[2] != "" {
			to, _ = strconv.Atoi(m[2])
		}
		ranges = append(ranges, [2]int{from, to})
	}
	return ranges
}
