package store

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"oshirase/letters"
)

// words is a list of codes kept in one text column, joined by commas.
type words[T ~string] []T

// Scan reads the column; an empty text is an empty list.
func (w *words[T]) Scan(src any) error {
	var text string
	switch v := src.(type) {
	case nil:
	case string:
		text = v
	case []byte:
		text = string(v)
	default:
		return fmt.Errorf("list of codes from %T", src)
	}
	*w = nil
	if text == "" {
		return nil
	}
	for part := range strings.SplitSeq(text, ",") {
		*w = append(*w, T(part))
	}
	return nil
}

func joined[T ~string](list []T) string {
	var b strings.Builder
	for i, v := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(string(v))
	}
	return b.String()
}

// flag is a truth value as both databases keep it.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// mark is a short hash of a text that is compared and never shown; an empty
// text has none. 16 bytes: two of 10^6 texts agree by chance once in 10^26.
func mark(s string) string {
	if s == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}

// sortIDs puts what string_agg gave in any order into order.
func sortIDs(ids []letters.ID) { slices.Sort(ids) }

// sortDispatches orders by letter ID: RETURNING promises no order.
func sortDispatches(list []letters.Dispatch) {
	slices.SortFunc(list, func(a, b letters.Dispatch) int { return cmp.Compare(a.LetterID, b.LetterID) })
}

func packetsHash(list []letters.Packet) string {
	h := sha256.New()
	for _, p := range list {
		fmt.Fprintf(h, "%s\n%s\n", p.Retailer, p.Hash)
	}
	return hex.EncodeToString(h.Sum(nil))
}
