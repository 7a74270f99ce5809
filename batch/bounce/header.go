package bounce

import (
	"bytes"
	"mime"
	"strings"
)

// header is a message's or part's fields, names in lower case, in their order.
// It takes what real mail has: 8-bit values, missing folding, no colon.
type header []field

type field struct{ name, value string }

func (h header) get(name string) string {
	for _, f := range h {
		if f.name == name {
			return f.value
		}
	}
	return ""
}

func (h header) all(name string) []string {
	var out []string
	for _, f := range h {
		if f.name == name {
			out = append(out, f.value)
		}
	}
	return out
}

// maxFields keeps a header that never ends from growing for ever.
const maxFields = 500

// splitHeader reads fields up to the first empty line and returns the rest. A
// first line that is no field makes it all body.
func splitHeader(b []byte) (header, []byte) {
	var h header
	for len(b) > 0 && len(h) < maxFields {
		line, rest, _ := bytes.Cut(b, []byte{'\n'})
		if len(bytes.TrimSpace(line)) == 0 {
			return h, rest
		}
		if (line[0] == ' ' || line[0] == '\t') && len(h) > 0 {
			h[len(h)-1].value += " " + string(bytes.TrimSpace(line))
			b = rest
			continue
		}
		name, value, ok := bytes.Cut(line, []byte{':'})
		if !ok || !fieldName(name) {
			if len(h) == 0 && !bytes.HasPrefix(line, []byte("From ")) && !bytes.HasPrefix(line, []byte(">From ")) {
				return nil, b
			}
			b = rest // a stray line within a header
			continue
		}
		h = append(h, field{strings.ToLower(string(bytes.TrimSpace(name))), string(bytes.TrimSpace(value))})
		b = rest
	}
	return h, b
}

func fieldName(b []byte) bool {
	b = bytes.TrimRight(b, " \t")
	for _, c := range b {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return len(b) > 0 && len(b) <= 76
}

// decoded is a field's value with its encoded words read.
func (h header) decoded(name string) string {
	v := h.get(name)
	d := mime.WordDecoder{CharsetReader: charsetReader}
	if s, err := d.DecodeHeader(v); err == nil {
		return s
	}
	return string(toUTF8([]byte(v), ""))
}

// mediaType is the content type in lower case with its parameters. Broken
// parameters are read as far as they go.
func (h header) mediaType() (string, map[string]string) {
	v := h.get("content-type")
	kind, params, err := mime.ParseMediaType(v)
	if err == nil || kind != "" && params != nil {
		return kind, params
	}
	kind, rest, _ := strings.Cut(v, ";")
	params = make(map[string]string)
	for _, p := range strings.Split(rest, ";") {
		if name, value, ok := strings.Cut(p, "="); ok {
			params[strings.ToLower(strings.TrimSpace(name))] = strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return strings.ToLower(strings.TrimSpace(kind)), params
}
