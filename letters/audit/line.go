package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Canonical returns the bytes that Hash is taken over: the record as a JSON
// object on one line, its members in the order of the type, without hash and
// without a newline.
func (r Record) Canonical() ([]byte, error) {
	r.Hash = ""
	return r.Line()
}

// Line returns the one spelling in which a record is stored: its members in
// the order of the type, with hash, without a newline.
func (r Record) Line() ([]byte, error) { return r.appendTo(nil) }

// appendTo spells the record as encoding/json does, but without reflection: a
// chain of a million is read in a second or two.
func (r Record) appendTo(b []byte) ([]byte, error) {
	var err error
	b = strconv.AppendInt(append(b, `{"n":`...), r.N, 10)
	b = strconv.AppendInt(append(b, `,"at":`...), r.At, 10)
	for _, m := range [...]struct{ name, value string }{{"actor", r.Actor}, {"action", r.Action}, {"object", r.Object}, {"reason", r.Reason},
		{"outcome", r.Outcome}, {"client", r.Client}, {"prev", r.Prev}, {"hash", r.Hash}} {
		if m.name == "hash" && m.value == "" {
			break
		}
		b = append(append(append(b, `,"`...), m.name...), `":`...)
		if b, err = appendString(b, m.value); err != nil {
			return nil, fmt.Errorf("encode audit record: %w", err)
		}
	}
	return append(b, '}'), nil
}

func appendString(b []byte, s string) ([]byte, error) {
	if plain(s) {
		return append(append(append(b, '"'), s...), '"'), nil
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return nil, err
	}
	return append(b, bytes.TrimSuffix(buf.Bytes(), []byte{'\n'})...), nil
}

// plain reports whether encoding/json writes the string as it stands.
func plain(s string) bool {
	ascii := true
	for i := range len(s) {
		switch c := s[i]; {
		case c < 0x20 || c == '"' || c == '\\':
			return false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return ascii || utf8.ValidString(s) && !strings.ContainsAny(s, "\u2028\u2029")
}

// ParseLine reads the record that should have the number n. It accepts only
// the bytes that Line would write: no second spelling, and no member of its
// own, may hide behind a good hash. Anything else is *BadRow.
func ParseLine(raw []byte, n int64) (Record, error) {
	if rec, ok := parsePlain(string(raw)); ok {
		return rec, nil
	}
	var rec Record
	if err := json.Unmarshal(raw, &rec); err != nil {
		return rec, &BadRow{n, Unreadable}
	}
	again, err := rec.Line()
	if err != nil || !bytes.Equal(again, raw) {
		return rec, &BadRow{n, Unreadable}
	}
	return rec, nil
}

// parsePlain reads a line whose members are all plain and all there, which
// has no second spelling. Whatever else a line may be, it leaves to its caller.
func parsePlain(line string) (r Record, ok bool) {
	rest := line
	for _, m := range [...]struct {
		name string
		to   *int64
	}{{`{"n":`, &r.N}, {`,"at":`, &r.At}} {
		if rest, ok = strings.CutPrefix(rest, m.name); !ok {
			return r, false
		}
		end := strings.IndexByte(rest, ',')
		if end < 1 {
			return r, false
		}
		n, err := strconv.ParseInt(rest[:end], 10, 64)
		if err != nil || strconv.FormatInt(n, 10) != rest[:end] {
			return r, false
		}
		*m.to, rest = n, rest[end:]
	}
	for _, m := range [...]struct {
		name string
		to   *string
	}{{`,"actor":"`, &r.Actor}, {`,"action":"`, &r.Action}, {`,"object":"`, &r.Object}, {`,"reason":"`, &r.Reason},
		{`,"outcome":"`, &r.Outcome}, {`,"client":"`, &r.Client}, {`,"prev":"`, &r.Prev}, {`,"hash":"`, &r.Hash}} {
		if rest, ok = strings.CutPrefix(rest, m.name); !ok {
			return r, false
		}
		end := strings.IndexByte(rest, '"')
		if end < 0 || !plain(rest[:end]) {
			return r, false
		}
		*m.to, rest = rest[:end], rest[end+1:]
	}
	return r, rest == "}" && r.Hash != ""
}

func (r Record) sum() (string, error) {
	b, err := r.Canonical()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// hashed reports whether Hash is the hash of the rest.
func (r Record) hashed() bool {
	var room [1024]byte
	want := r.Hash
	r.Hash = ""
	b, err := r.appendTo(room[:0])
	if err != nil {
		return false
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]) == want
}
