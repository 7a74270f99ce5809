package sample

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
)

// writeText writes records as CSV with CRLF, or for UTF-16 with tabs.
func writeText(ctx context.Context, out io.Writer, encoding string, heading []string, rows [][]string) error {
	encode, err := encoder(encoding)
	if err != nil {
		return err
	}
	var plain bytes.Buffer
	records := csv.NewWriter(&plain)
	records.UseCRLF = true
	if encoding == UTF16 {
		records.Comma = '\t'
	}
	if encoding == UTF8 || encoding == UTF16 {
		plain.WriteString("\uFEFF")
	}
	var raw []byte
	for i := -1; i < len(rows); i++ {
		record := heading
		if i >= 0 {
			record = rows[i]
		}
		if err := records.Write(record); err != nil {
			return err
		}
		if records.Flush(); records.Error() != nil {
			return records.Error()
		}
		if raw, err = encode(raw[:0], plain.Bytes()); err != nil {
			return fmt.Errorf("row %d: %w", i+2, err)
		}
		plain.Reset()
		if _, err := out.Write(raw); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// encoder returns a function that appends text in the encoding to dst.
func encoder(encoding string) (func(dst, text []byte) ([]byte, error), error) {
	switch encoding {
	case UTF8:
		return func(dst, text []byte) ([]byte, error) { return append(dst, text...), nil }, nil
	case UTF16:
		return appendUTF16, nil
	}
	table, err := newCP932()
	return table.append, err
}

func appendUTF16(dst, text []byte) ([]byte, error) {
	for _, u := range utf16.Encode([]rune(string(text))) {
		dst = binary.LittleEndian.AppendUint16(dst, u)
	}
	return dst, nil
}

// cp932 encodes as Windows does. It remembers what it has looked up.
type cp932 struct{ seen map[rune][]byte }

// newCP932 starts with the IBM extensions: x/text writes 髙 as the
// NEC-selected EEE0, Windows as FBFC. Those that x/text writes elsewhere
// (㈱ in NEC's row 13, ∵ in JIS X 0208) Windows writes there too.
func newCP932() (cp932, error) {
	t := cp932{map[rune][]byte{}}
	for lead := byte(0xFA); lead <= 0xFC; lead++ {
		for trail := byte(0x40); trail <= 0xFC; trail++ {
			code := []byte{lead, trail}
			text, err := japanese.ShiftJIS.NewDecoder().Bytes(code)
			if err != nil {
				return t, fmt.Errorf("read code table: %w", err)
			}
			r, size := utf8.DecodeRune(text)
			if r == utf8.RuneError || size != len(text) {
				continue
			}
			if usual, err := japanese.ShiftJIS.NewEncoder().Bytes(text); err != nil || usual[0] >= 0xED {
				t.seen[r] = code
			}
		}
	}
	return t, nil
}

func (t cp932) append(dst, text []byte) ([]byte, error) {
	for _, r := range string(text) {
		code, ok := t.seen[r]
		if !ok {
			var err error
			if code, err = encodeCP932(r); err != nil {
				return dst, err
			}
			t.seen[r] = code
		}
		dst = append(dst, code...)
	}
	return dst, nil
}

// encodeCP932 knows the user area too, F040 to F9FC for U+E000 to U+E757.
func encodeCP932(r rune) ([]byte, error) {
	if r >= 0xE000 && r <= 0xE757 {
		n := int(r - 0xE000)
		trail := 0x40 + n%188
		if trail >= 0x7F {
			trail++
		}
		return []byte{byte(0xF0 + n/188), byte(trail)}, nil
	}
	code, err := japanese.ShiftJIS.NewEncoder().Bytes([]byte(string(r)))
	if err != nil {
		return nil, fmt.Errorf("U+%04X is not in CP932: %w", r, err)
	}
	return code, nil
}
