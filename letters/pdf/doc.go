// Package pdf is the drawing engine: it lays neutral blocks out as positioned
// glyphs, draws them on pages, and finishes PDFs from those pages — one
// letter's file, a print file of up to a thousand letters, a briefing, or the
// same layout as SVG for the screen.
//
// gofpdf owns document, pages, lines and rectangles. Text enters its pages as
// raw content that shows glyphs by the face's own glyph number under fixed
// font names, so that a page's content is the same bytes wherever the page
// stands. What gofpdf cannot write (fonts, language, metadata, output intent,
// structure tree, document ID) is added by the finishing step, which reads
// gofpdf's output against the exact form it expects and gives an error, never
// a file, when that does not hold.
//
// Whether a glyph is shown through the static subset of its face or through
// the subset of extra glyphs depends on Config.TemplateText alone, never on
// the file that a page lands in.
package pdf

// RendererVersion names the output of this package. A golden test fails when
// a byte of any output changes without raising it. The ledger keeps it beside
// every hash; a worker of another version refuses the month.
const RendererVersion = "10"
