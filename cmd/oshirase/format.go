package main

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/width"

	"oshirase/letters"
)

// thousands writes 44855 as 44,855.
func thousands(n int) string {
	s := strconv.Itoa(n)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if neg {
		return "-" + s
	}
	return s
}

// columns counts the columns that a text takes on a terminal.
func columns(s string) int {
	n := 0
	for _, r := range s {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth, width.EastAsianAmbiguous:
			n += 2
		default:
			n++
		}
	}
	return n
}

// pad fills a text to a number of columns.
func pad(s string, to int, right bool) string {
	fill := strings.Repeat(" ", max(0, to-columns(s)))
	if right {
		return fill + s
	}
	return s + fill
}

// instant writes an instant of the ledger as people read it, in Japan.
func instant(us int64) string {
	if us == 0 {
		return ""
	}
	return time.UnixMicro(us).In(letters.Tokyo()).Format("2006-01-02 15:04:05")
}
