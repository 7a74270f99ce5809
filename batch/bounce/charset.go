package bounce

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime/quotedprintable"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"
)

// toUTF8 reads bytes in a named charset; a name that nobody knows, or a wrong
// one, costs characters and never the message.
func toUTF8(b []byte, charset string) []byte {
	charset = strings.ToLower(strings.TrimSpace(charset))
	switch eight := bytes.IndexFunc(b, func(r rune) bool { return r >= 0x80 }) >= 0; {
	case bytes.Contains(b, []byte("\x1b$")) && !eight:
		charset = "iso-2022-jp" // whatever it is called
	case eight && strings.HasPrefix(charset, "iso-2022"):
		return guess(b) // a relay made 8-bit text of it and left the name
	}
	if charset == "" || charset == "us-ascii" || charset == "utf-8" || charset == "unknown-8bit" {
		switch {
		case bytes.Contains(b, []byte("\x1b$")):
			charset = "iso-2022-jp"
		case utf8.Valid(b):
			return b
		default:
			return guess(b)
		}
	}
	if strings.HasPrefix(charset, "iso-2022-jp") || charset == "cp50221" || charset == "cp50220" {
		charset = "iso-2022-jp"
	}
	e, err := htmlindex.Get(charset)
	if err != nil {
		return guess(b)
	}
	out, err := e.NewDecoder().Bytes(b)
	if err != nil || bytes.ContainsRune(out, utf8.RuneError) || e == charmap.Windows1252 && looksEUC(b) {
		return guess(b)
	}
	return out
}

// looksEUC reports whether bytes named Latin-1, as programs name what they do
// not know, read as Japanese without a fault. Western words never do: their
// letters above ASCII stand alone.
func looksEUC(b []byte) bool {
	out, err := japanese.EUCJP.NewDecoder().Bytes(b)
	return err == nil && len(out) > len(b)+8 && !bytes.ContainsRune(out, utf8.RuneError)
}

// guess takes unnamed 8-bit text for EUC-JP or Shift_JIS, whichever reads with
// fewer faults. One is forgiven, as where a message was cut off within a
// character.
func guess(b []byte) []byte {
	if utf8.Valid(b) {
		return b
	}
	best, faults := b, 2
	for _, e := range []encoding.Encoding{japanese.EUCJP, japanese.ShiftJIS} {
		if out, err := e.NewDecoder().Bytes(b); err == nil && bytes.Count(out, []byte("\uFFFD")) < faults {
			best, faults = out, bytes.Count(out, []byte("\uFFFD"))
		}
	}
	return bytes.ToValidUTF8(best, []byte("?"))
}

// charsetReader is mime.WordDecoder's.
func charsetReader(charset string, in io.Reader) (io.Reader, error) {
	b, err := io.ReadAll(in)
	if err != nil {
		return nil, fmt.Errorf("read encoded word: %w", err)
	}
	return bytes.NewReader(toUTF8(b, charset)), nil
}

// transferDecoded undoes a Content-Transfer-Encoding; what is broken is kept
// as far as it reads.
func transferDecoded(b []byte, encoding string) []byte {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		clean := bytes.Map(func(r rune) rune {
			if r <= ' ' {
				return -1
			}
			return r
		}, b)
		out := make([]byte, base64.StdEncoding.DecodedLen(len(clean)))
		n, err := base64.StdEncoding.Decode(out, clean)
		if err != nil && n == 0 {
			return b
		}
		return out[:n]
	case "quoted-printable":
		out, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(b)))
		if err != nil && len(out) < len(b)/2 {
			return b
		}
		return out
	}
	return b
}
