package text

import (
	"bytes"
	"html"
	"strconv"
	"strings"
)

// Inline styles: mail programs drop style sheets. No colour is set on text or
// ground, so a dark screen stays readable; rules are a mid grey that shows on
// both.
const (
	styleBody  = `margin:0;padding:0;-webkit-text-size-adjust:100%`
	styleSheet = `max-width:640px;margin:0 auto;padding:16px;font-family:'Hiragino Kaku Gothic ProN','BIZ UDPGothic','Yu Gothic',Meiryo,sans-serif;font-size:16px;line-height:1.8;line-break:strict;overflow-wrap:anywhere`
	styleRight = `margin:0;text-align:right;font-size:14px`
	styleTitle = `margin:24px 0;font-size:20px;line-height:1.5;text-align:center`
	styleH2    = `margin:32px 0 8px;font-size:17px;line-height:1.5;border-bottom:2px solid #888888`
	styleH3    = `margin:24px 0 8px;font-size:16px;line-height:1.5`
	styleTable = `width:100%;margin:12px 0;border-collapse:collapse;font-size:15px;line-height:1.6`
	styleCell  = `padding:6px 8px;border:1px solid #888888;text-align:left;vertical-align:top;font-weight:`
	styleKeep  = `white-space:nowrap`
	styleItem  = `display:block;margin:4px 0;padding-left:1.5em;text-indent:-1em`
)

// HTML prints a document as one self-contained page for a mail: UTF-8, lang
// ja, at most 640 px wide, nothing loaded from outside, no script, no link.
func HTML(d Document) []byte {
	w := &htmlWriter{}
	w.raw(`<!DOCTYPE html>` + "\n" + `<html lang="ja"><head><meta charset="utf-8">` +
		`<meta name="viewport" content="width=device-width,initial-scale=1">` +
		`<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">` +
		`<meta name="format-detection" content="telephone=no,date=no,address=no,email=no"><title>`)
	w.text(d.Title)
	w.raw(`</title></head>` + "\n")
	w.raw(`<body style="` + styleBody + `"><div style="` + styleSheet + `">` + "\n")
	w.head(d)
	w.element("h1", styleTitle, []Inline{{Text: d.Title}})
	for _, b := range d.Body {
		w.block(b)
	}
	w.raw("</div></body></html>\n")
	return w.Bytes()
}

type htmlWriter struct{ bytes.Buffer }

func (w *htmlWriter) raw(s string) { w.WriteString(s) }

// text writes data: nothing of it can be markup.
func (w *htmlWriter) text(s string) {
	w.WriteString(strings.ReplaceAll(html.EscapeString(s), "\n", "<br>"))
}

func (w *htmlWriter) inlines(text []Inline) {
	for _, in := range text {
		open, end := "", ""
		if in.Bold {
			open, end = "<strong>", "</strong>"
		}
		if in.Keep && len(in.Text) <= keepHTML {
			open, end = open+`<span style="`+styleKeep+`">`, "</span>"+end
		}
		w.raw(open)
		w.text(in.Text)
		w.raw(end)
	}
}

// keepHTML is the most bytes that are kept on one line of a telephone screen.
const keepHTML = 48

func (w *htmlWriter) element(tag, style string, text []Inline) {
	w.raw("<" + tag + ` style="` + style + `">`)
	w.inlines(text)
	w.raw("</" + tag + ">\n")
}

// head is what stands right of the address block on paper.
func (w *htmlWriter) head(d Document) {
	lines := append([]string{d.DocumentNo, d.Date}, d.Sender...)
	if d.LetterID != "" {
		lines = append(lines, d.Labels.LetterID+"　"+d.LetterID)
	}
	for _, line := range lines {
		if line != "" {
			w.element("p", styleRight, []Inline{{Text: line}})
		}
	}
}

func (w *htmlWriter) block(b Block) {
	switch b := b.(type) {
	case Heading:
		if b.Level == 1 {
			w.element("h2", styleH2, b.Text)
			return
		}
		w.element("h3", styleH3, b.Text)
	case Paragraph:
		w.element("p", paragraphStyle(b), b.Text)
	case List:
		w.list(b)
	case Table:
		w.table(b)
	case Chart:
		w.table(chartTable(b))
	case Gap:
		w.raw(`<div style="height:` + strconv.Itoa(int(b.Lines*24)) + `px"></div>` + "\n")
	case Break:
		w.raw(`<hr style="border:0;border-top:1px solid #888888">` + "\n")
	}
}

func paragraphStyle(p Paragraph) string {
	style := "margin:12px 0"
	if p.Indent > 0 {
		style += ";text-indent:" + em(p.Indent)
	}
	if p.Inset > 0 {
		style += ";margin-left:" + em(p.Inset)
	}
	if p.Small {
		style += ";font-size:14px"
	}
	switch p.Align {
	case Right:
		style += ";text-align:right"
	case Center:
		style += ";text-align:center"
	}
	return style
}

func em(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) + "em" }

// list writes the markers as text, so that they are the paper's.
func (w *htmlWriter) list(l List) {
	style := "margin:12px 0"
	if l.Small {
		style += ";font-size:14px"
	}
	w.raw(`<div role="list" style="` + style + `">` + "\n")
	for _, it := range l.Items {
		w.raw(`<div role="listitem" style="` + styleItem + `">`)
		w.text(it.Marker)
		w.inlines(it.Text)
		w.raw("</div>\n")
	}
	w.raw("</div>\n")
}

func (w *htmlWriter) table(t Table) {
	w.raw(`<table style="` + styleTable + `">`)
	if t.Caption != "" {
		w.raw(`<caption style="text-align:left">`)
		w.text(t.Caption)
		w.raw(`</caption>`)
	}
	w.raw("\n<thead><tr>")
	for _, c := range t.Columns {
		w.raw(`<th scope="col" style="` + styleCell + `bold;width:` + strconv.Itoa(int(c.Width*100+0.5)) + `%">`)
		w.text(c.Head)
		w.raw("</th>")
	}
	w.raw("</tr></thead>\n<tbody>\n")
	for n, row := range t.Rows {
		w.raw("<tr>")
		for i, cell := range row {
			if !cell.Same {
				w.cell(cell, t.Columns, i, rowsOf(t.Rows[n:], i))
			}
		}
		w.raw("</tr>\n")
	}
	w.raw("</tbody></table>\n")
}

// rowsOf counts the rows that the cell in column i of the first row stands for.
func rowsOf(rows [][]Cell, i int) int {
	n := 1
	for n < len(rows) && i < len(rows[n]) && rows[n][i].Same {
		n++
	}
	return n
}

func (w *htmlWriter) cell(c Cell, columns []Column, i, rows int) {
	tag, attributes, style := "td", "", styleCell+"normal"
	if c.Head {
		tag, attributes, style = "th", ` scope="row"`, styleCell+"bold"
	}
	if c.Span > 1 {
		attributes += ` colspan="` + strconv.Itoa(c.Span) + `"`
	}
	if rows > 1 {
		attributes += ` rowspan="` + strconv.Itoa(rows) + `"`
	}
	if i < len(columns) && columns[i].Align == Right {
		style += ";text-align:right"
	}
	w.raw("<" + tag + attributes + ` style="` + style + `">`)
	w.inlines(c.Text)
	w.raw("</" + tag + ">")
}

// chartTable shows a chart by its numbers where nothing is drawn.
func chartTable(c Chart) Table {
	t := Table{Caption: c.Caption, Columns: []Column{{Width: 0.7}, {Head: c.Unit, Width: 0.3, Align: Right}}}
	for _, bar := range c.Bars {
		t.Rows = append(t.Rows, []Cell{{Head: true, Text: []Inline{{Text: bar.Label}}},
			{Text: []Inline{{Text: strconv.Itoa(bar.Value)}}}})
	}
	return t
}
