package postal

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// The compact form is gzip over lines of UTF-8. The first line is
// "oshirase-postal 1", source and date; each further line one Row: code,
// kind letter, prefecture, city, town, detail; fields parted by tabs, lines
// in ascending order.

const (
	formatName = "oshirase-postal 1"
	maxText    = 64 << 20 // a full set with offices is about 8 MB
)

// ErrFormat says that a file is not postal data in the compact form.
var ErrFormat = errors.New("not postal data in the compact form")

var (
	kindLetters = map[Kind]string{Area: "a", Office: "o", Box: "b"}
	kinds       = map[byte]Kind{'a': Area, 'o': Office, 'b': Box}
)

// Read reads a set in the compact form, as WriteTo writes it. It returns
// ErrFormat.
func Read(r io.Reader) (*Data, error) {
	zr, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("open postal data: %w: %w", ErrFormat, err)
	}
	var b strings.Builder
	b.Grow(8 << 20)
	if n, err := io.Copy(&b, io.LimitReader(zr, maxText+1)); err != nil || n > maxText {
		return nil, fmt.Errorf("unpack postal data, %d bytes: %w: %w", n, ErrFormat, err)
	}
	head, text, found := strings.Cut(b.String(), "\n")
	fields := strings.Split(head, "\t")
	if !found || len(fields) != 3 || fields[0] != formatName {
		return nil, fmt.Errorf("first line: %w", ErrFormat)
	}
	return index(About{Source: fields[1], Date: fields[2]}, text)
}

// WriteTo writes the set in the compact form; the same set gives the same
// bytes.
func (d *Data) WriteTo(w io.Writer) (int64, error) {
	counted := &counter{w: w}
	zw, err := gzip.NewWriterLevel(counted, gzip.BestCompression)
	if err != nil {
		return 0, err
	}
	head := strings.Join([]string{formatName, plain(d.about.Source), plain(d.about.Date)}, "\t")
	if _, err := io.WriteString(zw, head+"\n"+d.text); err != nil {
		return counted.n, fmt.Errorf("write postal data: %w", err)
	}
	if err := zw.Close(); err != nil {
		return counted.n, fmt.Errorf("write postal data: %w", err)
	}
	return counted.n, nil
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// index finds lines, codes and cities in the text of the compact form.
func index(about About, text string) (*Data, error) {
	d := &Data{about: about, text: text}
	n := strings.Count(text, "\n")
	d.codes, d.starts, d.cityOf = make([]uint32, 0, n), make([]uint32, 0, n), make([]uint16, 0, n)
	ids := make(map[city]uint16)
	for at := 0; at < len(text); {
		end := strings.IndexByte(text[at:], '\n')
		if end < 0 {
			return nil, fmt.Errorf("last line: %w", ErrFormat)
		}
		r, ok := parseRow(text[at : at+end])
		code, isCode := codeNumber(r.Code)
		if !ok || !isCode || len(d.codes) > 0 && code < d.codes[len(d.codes)-1] {
			return nil, fmt.Errorf("row %d: %w", len(d.codes)+1, ErrFormat)
		}
		if err := d.addCity(ids, city{r.Prefecture, r.City}); err != nil {
			return nil, err
		}
		d.codes, d.starts = append(d.codes, code), append(d.starts, uint32(at))
		at += end + 1
	}
	return d, nil
}

// addCity notes the city of the next line.
func (d *Data) addCity(ids map[city]uint16, c city) error {
	id, seen := ids[c]
	if !seen {
		if len(d.cities) > math.MaxUint16 {
			return fmt.Errorf("too many cities: %w", ErrFormat)
		}
		id = uint16(len(d.cities))
		ids[c] = id
		d.cities, d.lines = append(d.cities, c), append(d.lines, nil)
	}
	d.lines[id] = append(d.lines[id], uint32(len(d.cityOf)))
	d.cityOf = append(d.cityOf, id)
	return nil
}

// parseRow reads one line of the compact form.
func parseRow(line string) (Row, bool) {
	var f [6]string
	for i := range f {
		var found bool
		f[i], line, found = strings.Cut(line, "\t")
		if found == (i == len(f)-1) {
			return Row{}, false
		}
	}
	r := Row{Code: f[0], Prefecture: f[2], City: f[3], Town: f[4], Detail: f[5]}
	if len(f[0]) != codeLen || len(f[1]) != 1 {
		return Row{}, false
	}
	r.Kind = kinds[f[1][0]]
	return r, r.Kind != "" && r.Prefecture != "" && r.City != ""
}

// formatRow writes one line of the compact form.
func formatRow(r Row) (string, error) {
	if _, ok := codeNumber(r.Code); !ok || kindLetters[r.Kind] == "" || r.Prefecture == "" || r.City == "" {
		return "", fmt.Errorf("row of code %q: %w", r.Code, ErrFormat)
	}
	fields := []string{r.Code, kindLetters[r.Kind], plain(r.Prefecture), plain(r.City), plain(r.Town), plain(r.Detail)}
	line := strings.Join(fields, "\t") + "\n"
	if !utf8.ValidString(line) {
		return "", fmt.Errorf("row of code %s is not UTF-8: %w", r.Code, ErrFormat)
	}
	return line, nil
}

// plain keeps tabs and line ends out of a field.
func plain(s string) string {
	return strings.NewReplacer("\t", " ", "\n", " ", "\r", " ").Replace(s)
}
