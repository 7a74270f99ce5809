package fonts

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
)

// packed is a small font as a block file: 7 glyphs, 2 a block, 3 a hint block,
// every second block in the dictionary.
func packed(t testing.TB) (file, blocks []byte) {
	t.Helper()
	file = compositeFont().build()
	blocks, err := packBlocks(file, packing{2, 3, 2})
	if err != nil {
		t.Fatal(err)
	}
	return file, blocks
}

// Block files hold composites, and blocks at the end that are not full.
func TestBlocksOfSmallFont(t *testing.T) {
	t.Parallel()
	file, blocks := packed(t)
	f, err := blockFace(blocks)
	if err != nil {
		t.Fatal(err)
	}
	var back bytes.Buffer
	if err := f.WriteOriginal(&back); err != nil || !bytes.Equal(back.Bytes(), file) {
		t.Errorf("%d bytes came back of %d (%v)", back.Len(), len(file), err)
	}
	flat := composites(t)
	if f.SHA256() != flat.SHA256() {
		t.Error("the block file names another hash")
	}
	for g := range GlyphID(7) {
		a, errA := f.GlyphData(g)
		b, errB := flat.GlyphData(g)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("glyph %d: %x, want %x (%v, %v)", g, a, b, errA, errB)
		}
	}
	for _, o := range []SubsetOptions{{}, {KeepHints: true}} {
		a, errA := f.SubsetWith([]GlyphID{1, 6}, o)
		b, errB := flat.SubsetWith([]GlyphID{1, 6}, o)
		if errA != nil || errB != nil || !bytes.Equal(a.Program, b.Program) {
			t.Errorf("%+v: subsets of the same font differ (%v, %v)", o, errA, errB)
		}
	}
}

// What cannot be given back byte for byte is not packed.
func TestPackRefuses(t *testing.T) {
	t.Parallel()
	font := compositeFont()
	font.change = func(ts map[string][]byte) { ts["glyf"] = append(ts["glyf"], 1, 2, 3, 4) }
	if _, err := packBlocks(font.build(), packing{2, 3, 2}); err == nil {
		t.Error("bytes that loca does not name were lost")
	}
	file := append(compositeFont().build(), "tail behind the last table"...)
	if _, err := packBlocks(file, packing{2, 3, 2}); err == nil {
		t.Error("bytes behind the last table were lost")
	}
}

// A damaged block file gives errors: at opening or where the damage is read.
func TestDamagedBlocks(t *testing.T) {
	t.Parallel()
	_, blocks := packed(t)
	if _, err := blockFace(blocks[:len(blocks)/2]); err == nil {
		t.Error("half a block file was opened")
	}
	if _, err := blockFace([]byte(strings.Repeat("x", 200))); err == nil {
		t.Error("garbage was opened")
	}
	const frames = 8 + 32 + 4 + 4 + 8 // offset of blockHeader.Frames
	bad := bytes.Clone(blocks)
	binary.LittleEndian.PutUint32(bad[frames:], 1<<30)
	if _, err := blockFace(bad); err == nil {
		t.Error("a billion frames were believed")
	}
	b, err := openBlocks(blocks)
	if err != nil {
		t.Fatal(err)
	}
	at, n := b.frameSpan(frameFirst + 1)
	bad = bytes.Clone(blocks)
	clear(bad[at : at+n])
	f, err := blockFace(bad)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Subset([]GlyphID{2}); err == nil {
		t.Error("a glyph of a damaged block was used")
	}
	if _, err := f.Subset([]GlyphID{5}); err != nil {
		t.Errorf("damage elsewhere: %v", err)
	}
}
