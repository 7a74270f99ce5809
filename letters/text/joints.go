package text

import (
	"strings"
	"unicode/utf8"
)

// JoinPlace lets an address be broken at its joints only: behind a blank,
// behind the names of prefecture, city, ward, town and village, before 大字 and
// 字, and before 丁目 and 番地. Never inside them: 1235 broken into 1 and 235 is
// another house. Only a stretch that no line can hold is broken elsewhere.
func JoinPlace(items []Item) {
	last := 0 // the joint before
	for i := 1; i < len(items); i++ {
		if placeJoint(items, i, i-last) {
			last = i
			continue
		}
		items[i].Join = true
	}
}

// JoinName lets a name be broken behind its blanks only, as long as its parts
// fit.
func JoinName(items []Item) {
	for i := 1; i < len(items); i++ {
		if !blank(items[i-1].Class) {
			items[i].Join = true
		}
	}
}

const (
	prefectures = "都道府県"
	districts   = "市区郡町村"
	kanjiDigits = "〇一二三四五六七八九十百千"
	// What stands before a digit that goes on with a number or names a part.
	numberMids = "目番地号のノ第丁条線－‐−ー"
)

// placeJoint says that an address may be broken before item i, the distance
// from the joint before being n.
func placeJoint(items []Item, i, n int) bool {
	a, b := &items[i-1], &items[i]
	switch {
	case blank(a.Class):
		return true
	case b.digit():
		return !a.digit() && !letter(a) && !in(a, numberMids) && !in(a, kanjiDigits)
	case in(b, kanjiDigits):
		return !in(a, kanjiDigits) && !in(a, numberMids) && !a.digit() && numbered(items[i:])
	case in(b, "大") && i+1 < len(items) && in(&items[i+1], "字"), in(b, "字") && !in(a, "大"):
		return true
	case in(b, prefectures):
		return false
	case in(a, prefectures):
		return i <= prefectureEnd && n > 1
	case in(a, "割"):
		return i > 1 && in(&items[i-2], "地")
	}
	return in(a, districts) && !in(b, districts) && n > 2
}

// prefectureEnd is the length of the longest name of a prefecture: 鹿児島県.
const prefectureEnd = 4

// letter says that an item is a Latin letter or a sign, of whatever width.
func letter(it *Item) bool {
	c, _ := utf8.DecodeRuneInString(it.Text)
	return it.Class.latin() || c >= 'Ａ' && c <= 'ｚ'
}

// numbered says that kanji numerals count blocks or houses: 四丁目, not 三宅.
func numbered(items []Item) bool {
	for i := range items {
		if in(&items[i], kanjiDigits) {
			continue
		}
		c, _ := utf8.DecodeRuneInString(items[i].Text)
		return strings.ContainsRune("丁番号", c)
	}
	return false
}
