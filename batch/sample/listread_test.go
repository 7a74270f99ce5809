package sample

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

type record map[string]string

func sideOf(encoding string) string {
	if encoding == XLSX {
		return CP932
	}
	return encoding
}

func records(t *testing.T, dir, encoding string) []record {
	t.Helper()
	if encoding == XLSX {
		return workbook(t, filepath.Join(dir, "list.xlsx"))
	}
	return parseCSV(t, decoded(t, filepath.Join(dir, "list.csv"), encoding), encoding)
}

// decoded turns the file into text; CP932 by Python's codec, which must also
// lead back to the same text. (Its bytes may differ: it writes 髙 as the
// NEC-selected EEE0, Windows and we as FBFC.)
func decoded(t *testing.T, path, encoding string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	switch encoding {
	case UTF8:
		return strings.TrimPrefix(string(raw), "\ufeff")
	case UTF16:
		units := make([]uint16, len(raw)/2)
		for i := range units {
			units[i] = uint16(raw[2*i]) | uint16(raw[2*i+1])<<8
		}
		return strings.TrimPrefix(string(utf16.Decode(units)), "\ufeff")
	}
	script := `import sys
raw = open(sys.argv[1], "rb").read()
text = raw.decode("cp932")
again = text.encode("cp932")
assert again.decode("cp932") == text and len(again) == len(raw), "not the same text"
sys.stdout.buffer.write(text.encode("utf-8"))`
	cmd := exec.Command("python3", "-c", script, path)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3: %v\n%s", err, errs.Bytes())
	}
	return string(out)
}

// parseCSV is a reader of its own: quotes, doubled quotes, CRLF.
func parseCSV(t *testing.T, text, encoding string) []record {
	t.Helper()
	comma := ','
	if encoding == UTF16 {
		comma = '\t'
	}
	var rows [][]string
	var row []string
	var field strings.Builder
	quoted := false
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		c := runes[i]
		switch {
		case quoted && c == '"' && i+1 < len(runes) && runes[i+1] == '"':
			field.WriteRune('"')
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == comma || c == '\r'):
			row = append(row, field.String())
			field.Reset()
		case !quoted && c == '\n':
			rows, row = append(rows, row), nil
		default:
			field.WriteRune(c)
		}
	}
	if field.Len() > 0 || row != nil || quoted {
		t.Fatal("the last line is not whole")
	}
	return keyed(t, rows)
}

func keyed(t *testing.T, rows [][]string) []record {
	t.Helper()
	var all []record
	for n, row := range rows[1:] {
		if len(row) != len(rows[0]) {
			t.Fatalf("row %d has %d cells, the heading %d", n+2, len(row), len(rows[0]))
		}
		r := record{}
		for i, h := range rows[0] {
			r[h] = row[i]
		}
		all = append(all, r)
	}
	return all
}

func workbook(t *testing.T, path string) []record {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(f.GetSheetName(0))
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		for len(rows[i]) < len(rows[0]) { // GetRows leaves empty cells at the end out
			rows[i] = append(rows[i], "")
		}
	}
	return keyed(t, rows)
}
