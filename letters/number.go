package letters

import "strings"

// NumberFault says why what was typed cannot be an お問合せ番号; "" means that
// it can. It is known before anything is looked up.
type NumberFault string

const (
	NumberGood     NumberFault = ""
	NumberEmpty    NumberFault = "empty"
	NumberLetters  NumberFault = "letters"      // other characters than digits, spaces and hyphens
	NumberShort    NumberFault = "short"        // fewer than 16 digits
	NumberLong     NumberFault = "long"         // more
	NumberMistyped NumberFault = "mistyped"     // the check digits do not agree
	NumberSupply   NumberFault = "supply_point" // 22 digits: a 供給地点特定番号
	NumberPhone    NumberFault = "phone"        // 10 or 11 digits from 0: a telephone number
)

// ReadNumber reads an お問合せ番号 as callers say and agents type it, in the
// forms that ParseID forgives, and says what is wrong with one that is none.
func ReadNumber(typed string) (ID, NumberFault) {
	digits, ok := Digits(typed)
	switch {
	case !ok:
		return "", NumberLetters
	case digits == "":
		return "", NumberEmpty
	case len(digits) == 22:
		return "", NumberSupply
	case (len(digits) == 10 || len(digits) == 11) && digits[0] == '0':
		return "", NumberPhone
	case len(digits) < idBody+2:
		return "", NumberShort
	case len(digits) > idBody+2:
		return "", NumberLong
	}
	id, err := ParseID(digits)
	if err != nil {
		return "", NumberMistyped
	}
	return id, NumberGood
}

// Digits returns the digits of a text in which only spaces and hyphens, of
// any form, and 〒 stand between them; ok is false when anything else does.
func Digits(s string) (digits string, ok bool) {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '０' && r <= '９':
			b.WriteRune(r - '０' + '0')
		case strings.ContainsRune(" \t\r\n　-‐‑–—―−－ー〒", r):
		default:
			return "", false
		}
	}
	return b.String(), true
}
