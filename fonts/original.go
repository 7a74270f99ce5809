package fonts

import (
	"cmp"
	"fmt"
	"io"
	"slices"
)

// writeOriginal puts the font file together again: tables where its directory
// says, zeros between them. It holds no more than one block of outlines.
func (b *blockGlyphs) writeOriginal(w io.Writer) error {
	core, err := b.frame(frameCore, b.plain)
	if err != nil {
		return err
	}
	rest, err := b.frame(frameRest, b.plain)
	if err != nil {
		return err
	}
	list, err := directory(core)
	if err != nil {
		return err
	}
	o := originalWriter{w: w}
	o.write(take(&core, dirHeader+dirEntry*len(list)))
	parts := make([][]byte, len(list))
	for i, e := range list {
		switch {
		case e.tag == "glyf":
		case isCore(e.tag):
			parts[i] = take(&core, e.length)
		default:
			parts[i] = take(&rest, e.length)
		}
	}
	for _, i := range fileOrder(list) {
		o.pad(list[i].offset)
		if list[i].tag != "glyf" {
			o.write(parts[i])
			continue
		}
		o.glyphs(b)
	}
	o.pad(int(b.Size))
	return o.err
}

// fileOrder lists the entries by where they lie.
func fileOrder(list []entry) []int {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(list[i].offset, list[j].offset) })
	return order
}

// take cuts n bytes, or what there is, off the front of d.
func take(d *[]byte, n int) []byte {
	n = min(n, len(*d))
	head := (*d)[:n]
	*d = (*d)[n:]
	return head
}

// originalWriter writes in file order and keeps the first error.
type originalWriter struct {
	w   io.Writer
	at  int
	err error
}

func (o *originalWriter) write(d []byte) {
	if o.err == nil {
		_, o.err = o.w.Write(d)
		o.at += len(d)
	}
}

// pad writes zeros up to an offset. Tables are at most 3 bytes apart.
func (o *originalWriter) pad(to int) {
	gap := to - o.at
	if gap < 0 || gap > 3 {
		if o.err == nil {
			o.err = fmt.Errorf("%w: tables %d bytes apart", ErrFormat, gap)
		}
		return
	}
	o.write(make([]byte, gap))
}

func (o *originalWriter) glyphs(b *blockGlyphs) {
	for g := range int(b.Glyphs) {
		d, err := b.full(GlyphID(g))
		if err != nil {
			o.err = err
			return
		}
		o.write(d)
	}
}
