package pdf

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"oshirase/letters/text"
)

// peer is Typst in a node process that stays: its compiler, fonts and source
// are loaded once, and it answers one letter a line.
type peer struct {
	in  io.WriteCloser
	out *bufio.Scanner
}

// newPeer starts the peer that .ci/typst.sh installed in a folder.
func newPeer(t testing.TB, folder string) *peer {
	t.Helper()
	dir := t.TempDir()
	for name, file := range stockFonts(t) {
		if err := os.WriteFile(filepath.Join(dir, name+".ttf"), file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("node", "testdata/typst/serve.mjs", folder, dir, "testdata/typst/letter.typ")
	cmd.Env = append(os.Environ(), "RAYON_NUM_THREADS=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close() // ends the process
		if err := cmd.Wait(); err != nil {
			t.Errorf("peer: %v", err)
		}
	})
	return &peer{in, bufio.NewScanner(out)}
}

// make sets one letter and returns the milliseconds and bytes that it took.
func (p *peer) make(t testing.TB, in *Input, m *matrixMaker) (ms float64, size int) {
	t.Helper()
	line, err := json.Marshal(peerLetter(t, in, m))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	if !p.out.Scan() {
		t.Fatal("the peer gives no answer")
	}
	var answer struct {
		MS    float64 `json:"ms"`
		Bytes int     `json:"bytes"`
	}
	if err := json.Unmarshal(p.out.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.MS, answer.Bytes
}

type object = map[string]any

// peerLetter is a letter as the peer's source reads it.
func peerLetter(t testing.TB, in *Input, m *matrixMaker) object {
	t.Helper()
	d := &in.Doc
	code, err := m.encode(machineMark(in.LetterID, in.Generation, 1, 3))
	if err != nil {
		t.Fatal(err)
	}
	cells := [][4]int{}
	for y := range code.side {
		for x := range code.side {
			if code.dark[y][x] {
				cells = append(cells, [4]int{x, y, 1, 1})
			}
		}
	}
	bars := make([]int, len(in.Barcode))
	for i, b := range in.Barcode {
		bars[i] = int(b)
	}
	name := ""
	for _, s := range d.Address.Name {
		name += s
	}
	right := append([]string{d.DocumentNo, d.Date}, d.Sender...)
	return object{"title": d.Title, "id": d.LetterID, "matrix": cells, "bars": bars, "right": append(right, d.Labels.LetterID+" "+d.LetterID, d.Labels.Reading),
		"address": append([]string{d.Address.PostalCode}, d.Address.Lines...), "name": name + "　" + d.Address.Honorific, "body": peerBody(d.Body)}
}

func peerBody(blocks []text.Block) []object {
	var out []object
	for _, b := range blocks {
		switch b := b.(type) {
		case text.Heading:
			out = append(out, object{"kind": "heading", "level": b.Level, "text": peerRuns(b.Text)})
		case text.Paragraph:
			out = append(out, object{"kind": "par", "text": peerRuns(b.Text)})
		case text.List:
			var items []any
			for _, it := range b.Items {
				items = append(items, peerRuns(it.Text))
			}
			out = append(out, object{"kind": "list", "items": items})
		case text.Table:
			out = append(out, peerTable(b))
		}
	}
	return out
}

func peerTable(b text.Table) object {
	var head, rows []any
	var widths []float64
	for _, c := range b.Columns {
		head, widths = append(head, c.Head), append(widths, c.Width)
	}
	for _, row := range b.Rows {
		var cells []object
		for _, c := range row {
			s := ""
			for _, in := range c.Text {
				s += in.Text
			}
			cells = append(cells, object{"text": s, "head": c.Head, "span": max(1, c.Span)})
		}
		rows = append(rows, cells)
	}
	return object{"kind": "table", "head": head, "widths": widths, "rows": rows}
}

func peerRuns(list []text.Inline) []object {
	out := []object{}
	for _, in := range list {
		out = append(out, object{"text": in.Text, "bold": in.Bold})
	}
	return out
}
