package fonts

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// A block file holds one TrueType file, losslessly, so that single glyphs can
// be read without the rest. All numbers are little-endian.
//
//	magic     8 bytes "OSHBLK1\n"
//	header    blockHeader
//	index     frames × (offset uint32, length uint32), from the file's start
//	frames    zstd, each by itself:
//	  0       core: table directory, then the core tables in directory order
//	  1       rest: the other tables but glyf, in directory order
//	  2       dictionary: every dictEvery-th outline block, uncut
//	  3…      outline blocks of perBlock glyphs, packed with the dictionary;
//	          those that are in the dictionary have length 0
//	  …       hint blocks of perHints glyphs
//
// A block is a list of uint16 sizes, one a glyph, and as many bytes for each.
// An outline block has the glyphs without their instructions, whose length
// field is 0: what a subset needs. A hint block has the instructions.
const (
	blockMagic = "OSHBLK1\n"
	frameCore  = 0
	frameRest  = 1
	frameDict  = 2
	frameFirst = 3
	dictID     = 1

	keptBlocks = 96 // outline blocks kept in memory, about 26 KB each
	keptHints  = 1
)

type blockHeader struct {
	SHA256                        [32]byte // of the original file
	Size                          uint32   // of the original file
	Glyphs                        uint32
	PerBlock, PerHints, DictEvery uint16
	_                             uint16
	Frames                        uint32
}

// isCore says which tables are read when a face is opened.
func isCore(tag string) bool {
	switch tag {
	case "OS/2", "cmap", "cvt ", "fpgm", "head", "hhea", "hmtx", "loca", "maxp", "name", "prep", "GSUB":
		return true
	}
	return false
}

// blockGlyphs reads the outlines of a block file.
type blockGlyphs struct {
	blockHeader
	file   []byte
	index  []byte
	plain  *zstd.Decoder
	onDict func() (*dictionary, error)
	blocks cache[*block]
	hints  cache[*block]
}

// blockFace opens a face from a block file.
func blockFace(file []byte) (*Face, error) {
	b, err := openBlocks(file)
	if err != nil {
		return nil, err
	}
	ts, err := b.core()
	if err != nil {
		return nil, err
	}
	f, err := newFace(ts, "", false)
	if err != nil {
		return nil, err
	}
	if f.count != int(b.Glyphs) {
		return nil, fmt.Errorf("%w: block file of %d glyphs, font of %d", ErrFormat, b.Glyphs, f.count)
	}
	f.glyphs, f.hash = b, b.SHA256
	return f, f.addCoverage(ts)
}

// openBlocks reads the header and checks that every frame lies in the file.
func openBlocks(file []byte) (*blockGlyphs, error) {
	b := &blockGlyphs{file: file}
	r := bytes.NewReader(file)
	magic := make([]byte, len(blockMagic))
	if _, err := io.ReadFull(r, magic); err != nil || string(magic) != blockMagic {
		return nil, fmt.Errorf("%w: no block file", ErrFormat)
	}
	if err := binary.Read(r, binary.LittleEndian, &b.blockHeader); err != nil {
		return nil, fmt.Errorf("%w: block file header", ErrFormat)
	}
	if err := b.checkIndex(file[len(file)-r.Len():]); err != nil {
		return nil, err
	}
	var err error
	b.plain, err = zstd.NewReader(nil, decoderOptions()...)
	if err != nil {
		return nil, fmt.Errorf("open decompressor: %w", err)
	}
	b.onDict = sync.OnceValues(b.loadDict)
	b.blocks.limit, b.hints.limit = keptBlocks, keptHints
	return b, nil
}

func decoderOptions() []zstd.DOption {
	return []zstd.DOption{zstd.WithDecoderConcurrency(4), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxMemory(64 << 20)}
}

func (b *blockGlyphs) checkIndex(rest []byte) error {
	if b.Glyphs == 0 || b.Glyphs > 1<<16 || b.PerBlock == 0 || b.PerHints == 0 || b.DictEvery == 0 {
		return fmt.Errorf("%w: block file header", ErrFormat)
	}
	if int(b.Frames) != frameFirst+b.blockCount()+b.hintCount() || len(rest) < 8*int(b.Frames) {
		return fmt.Errorf("%w: block file of %d frames", ErrFormat, b.Frames)
	}
	b.index = rest[:8*b.Frames]
	for i := range int(b.Frames) {
		at, n := b.frameSpan(i)
		if at > len(b.file) || n > len(b.file)-at {
			return fmt.Errorf("%w: frame %d outside the block file", ErrFormat, i)
		}
	}
	return nil
}

func (b *blockGlyphs) blockCount() int { return parts(int(b.Glyphs), int(b.PerBlock)) }
func (b *blockGlyphs) hintCount() int  { return parts(int(b.Glyphs), int(b.PerHints)) }

// parts is how many groups of size n hold.
func parts(n, size int) int { return (n + size - 1) / size }

func (b *blockGlyphs) frameSpan(i int) (at, n int) {
	return int(binary.LittleEndian.Uint32(b.index[8*i:])), int(binary.LittleEndian.Uint32(b.index[8*i+4:]))
}

// frame unpacks a frame.
func (b *blockGlyphs) frame(i int, dec *zstd.Decoder) ([]byte, error) {
	at, n := b.frameSpan(i)
	data, err := dec.DecodeAll(b.file[at:at+n], nil)
	if err != nil {
		return nil, fmt.Errorf("%w: frame %d: %w", ErrFormat, i, err)
	}
	return data, nil
}

// core unpacks the tables needed for coverage and metrics.
func (b *blockGlyphs) core() (tables, error) {
	data, err := b.frame(frameCore, b.plain)
	if err != nil {
		return nil, err
	}
	list, err := directory(data)
	if err != nil {
		return nil, err
	}
	ts, at := tables{}, dirHeader+dirEntry*len(list)
	for _, e := range list {
		if !isCore(e.tag) {
			continue
		}
		if e.length > len(data)-at {
			return nil, fmt.Errorf("%w: core tables of the block file", ErrFormat)
		}
		ts[e.tag] = data[at : at+e.length : at+e.length]
		at += e.length
	}
	return ts, nil
}

// block is an unpacked block: glyph i of it is data[at[i]:at[i+1]].
type block struct {
	data []byte
	at   []uint32
}

func (b *block) glyph(i int) []byte { return b.data[b.at[i]:b.at[i+1]:b.at[i+1]] }

// cutBlock reads a block of n glyphs and returns what follows it.
func cutBlock(d []byte, n int) (*block, []byte, error) {
	b := &block{data: d, at: make([]uint32, n+1)}
	at := 2 * n
	if at > len(d) {
		return nil, nil, fmt.Errorf("%w: short outline block", ErrFormat)
	}
	for i := range n {
		b.at[i] = uint32(at)
		at += int(binary.LittleEndian.Uint16(d[2*i:]))
	}
	if at > len(d) {
		return nil, nil, fmt.Errorf("%w: short outline block", ErrFormat)
	}
	b.at[n] = uint32(at)
	return b, d[at:], nil
}

// dictionary holds the blocks that stand in the dictionary and the
// decompressor for the others. Both are made when first needed.
type dictionary struct {
	blocks []*block
	dec    *zstd.Decoder
}

func (b *blockGlyphs) loadDict() (*dictionary, error) {
	data, err := b.frame(frameDict, b.plain)
	if err != nil {
		return nil, err
	}
	d := &dictionary{}
	rest := data
	for i := 0; i < b.blockCount(); i += int(b.DictEvery) {
		var block *block
		if block, rest, err = cutBlock(rest, b.glyphsIn(i)); err != nil {
			return nil, err
		}
		d.blocks = append(d.blocks, block)
	}
	d.dec, err = zstd.NewReader(nil, append(decoderOptions(), zstd.WithDecoderDictRaw(dictID, data))...)
	if err != nil {
		return nil, fmt.Errorf("open decompressor: %w", err)
	}
	return d, nil
}

// glyphsIn is the number of glyphs of outline block i; the last has fewer.
func (b *blockGlyphs) glyphsIn(i int) int {
	return min(int(b.PerBlock), int(b.Glyphs)-i*int(b.PerBlock))
}

// outlines returns outline block i, from memory where it is still there.
func (b *blockGlyphs) outlines(i int) (*block, error) {
	dict, err := b.onDict()
	if err != nil {
		return nil, err
	}
	if i%int(b.DictEvery) == 0 {
		return dict.blocks[i/int(b.DictEvery)], nil
	}
	return b.blocks.get(i, func() (*block, error) {
		data, err := b.frame(frameFirst+i, dict.dec)
		if err != nil {
			return nil, err
		}
		block, _, err := cutBlock(data, b.glyphsIn(i))
		return block, err
	})
}

func (b *blockGlyphs) bare(g GlyphID) ([]byte, error) {
	if uint32(g) >= b.Glyphs {
		return nil, fmt.Errorf("glyph %d of %d: %w", g, b.Glyphs, ErrFormat)
	}
	per := int(b.PerBlock)
	block, err := b.outlines(int(g) / per)
	if err != nil {
		return nil, err
	}
	return block.glyph(int(g) % per), nil
}

// full puts the instructions back.
func (b *blockGlyphs) full(g GlyphID) ([]byte, error) {
	outline, err := b.bare(g)
	if err != nil {
		return nil, err
	}
	hints, err := b.instructions(g)
	if err != nil || len(hints) == 0 {
		return outline, err
	}
	at := endPoints + 2*int(table(outline).u16(0))
	if at+2 > len(outline) {
		return nil, fmt.Errorf("%w: glyph %d of the block file", ErrFormat, g)
	}
	data := make([]byte, 0, len(outline)+len(hints))
	data = append(data, outline[:at]...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(hints)))
	data = append(data, hints...)
	return append(data, outline[at+2:]...), nil
}

// instructions returns those of one glyph.
func (b *blockGlyphs) instructions(g GlyphID) ([]byte, error) {
	per := int(b.PerHints)
	i := int(g) / per
	block, err := b.hints.get(i, func() (*block, error) {
		data, err := b.frame(frameFirst+b.blockCount()+i, b.plain)
		if err != nil {
			return nil, err
		}
		block, _, err := cutBlock(data, min(per, int(b.Glyphs)-i*per))
		return block, err
	})
	if err != nil {
		return nil, err
	}
	return block.glyph(int(g) % per), nil
}
