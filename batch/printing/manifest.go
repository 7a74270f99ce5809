package printing

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// The fixed names in a run's folder.
const (
	csvName   = "manifest.csv"
	jsonName  = "manifest.json"
	sheetName = "hassou-irai.pdf"
	sumsName  = "SHA256SUMS"
)

// columns is how many columns manifest.csv has: letter ID, generation, file,
// first page, pages, marks, SHA-256 of the content, SHA-256 of each page,
// envelope, barcode, postal code.
const columns = 11

// manifestCSV is the manifest for people and for the mailing house's machine:
// UTF-8 with BOM and CRLF, as Excel expects them. Letter IDs and postal codes
// are written with hyphens, so that no spreadsheet takes them for numbers.
func manifestCSV(r Run, headings []string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	if err := w.Write(headings); err != nil {
		return nil, err
	}
	for _, it := range r.Items {
		if err := w.Write(it.record()); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

func (it Item) record() []string {
	barcode := "0"
	if it.Barcode {
		barcode = "1"
	}
	return []string{
		it.LetterID.Groups(),
		strconv.Itoa(it.Generation),
		it.File,
		strconv.Itoa(it.FirstPage),
		strconv.Itoa(it.Pages),
		strings.Join(it.Marks, " "),
		it.ContentHash,
		strings.Join(it.PageHashes, " "),
		it.Envelope,
		barcode,
		hyphened(it.PostalCode),
	}
}

func hyphened(postalCode string) string {
	if len(postalCode) != 7 {
		return postalCode
	}
	return postalCode[:3] + "-" + postalCode[3:]
}

func manifestJSON(r Run) ([]byte, error) {
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	return append(b, '\n'), nil
}

// checksums is in the form that sha256sum --check reads.
func checksums(files []File) []byte {
	var b bytes.Buffer
	for _, f := range files {
		fmt.Fprintf(&b, "%s  %s\n", f.SHA256, f.Name)
	}
	return b.Bytes()
}

// parseChecksums reads SHA256SUMS back into name → hash.
func parseChecksums(content []byte) (map[string]string, error) {
	sums := make(map[string]string)
	for line := range strings.Lines(string(content)) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok || len(sum) != 64 || !strings.HasSuffix(line, "\n") {
			return nil, fmt.Errorf("%s is damaged", sumsName)
		}
		sums[name] = sum
	}
	return sums, nil
}
