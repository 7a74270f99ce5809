package fonts

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/klauspost/compress/zstd"
)

var packFrom = flag.String("pack", "", "ipamjm.ttf to make data/ipamjm.ttf.blocks.bin from")

// TestPack makes the block file when asked to (see README.md).
func TestPack(t *testing.T) {
	if *packFrom == "" {
		return
	}
	file, err := os.ReadFile(*packFrom)
	if err != nil {
		t.Fatal(err)
	}
	out, err := packBlocks(file, packing{64, 4096, 24})
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join("data", "ipamjm.ttf.blocks.bin")
	if err := os.WriteFile(name+".new", out, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes", len(out))
}

type packing struct{ perBlock, perHints, dictEvery int }

// packer is the writing side of blocks.go.
type packer struct {
	packing
	file            []byte
	list            []entry
	outlines, hints [][]byte // by glyph
}

// packBlocks makes a block file and refuses a font that it could not give
// back byte for byte.
func packBlocks(file []byte, how packing) ([]byte, error) {
	p := &packer{packing: how, file: file}
	var err error
	if p.list, err = directory(file); err != nil {
		return nil, err
	}
	if err := p.split(); err != nil {
		return nil, err
	}
	frames, err := p.frames()
	if err != nil {
		return nil, err
	}
	out, err := p.assemble(frames)
	if err != nil {
		return nil, err
	}
	f, err := blockFace(out)
	if err != nil {
		return nil, err
	}
	var back bytes.Buffer
	if err := f.WriteOriginal(&back); err != nil {
		return nil, err
	}
	if !bytes.Equal(back.Bytes(), file) {
		return nil, fmt.Errorf("the block file does not give the font back")
	}
	return out, nil
}

// split parts each glyph into outline and instructions.
func (p *packer) split() error {
	ts, err := flatTables(p.file)
	if err != nil {
		return err
	}
	f, err := newFace(ts, "", false)
	if err != nil {
		return err
	}
	glyphs := &flatGlyphs{p.file, ts["glyf"], f.loca}
	at := 0
	for g := range f.count {
		lo, hi := f.loca.span(GlyphID(g))
		d, err := glyphs.full(GlyphID(g))
		if err != nil || lo != at {
			return fmt.Errorf("glyph %d: loca has holes: %w", g, err)
		}
		at = hi
		l, err := measure(d)
		if err != nil {
			return err
		}
		var hints []byte
		if l.contours > 0 && l.instrTo > l.instrAt {
			hints = d[l.instrAt:l.instrTo]
			d = slices.Concat(d[:l.instrAt-2], []byte{0, 0}, d[l.instrTo:])
		}
		p.outlines, p.hints = append(p.outlines, d), append(p.hints, hints)
	}
	if at != len(ts["glyf"]) {
		return fmt.Errorf("glyf has bytes that loca does not name")
	}
	return nil
}

// tables joins the core tables, or the others but glyf.
func (p *packer) tables(core bool) []byte {
	var b []byte
	if core {
		b = append(b, p.file[:dirHeader+dirEntry*len(p.list)]...)
	}
	for _, e := range p.list {
		if e.tag != "glyf" && isCore(e.tag) == core {
			b = append(b, p.file[e.offset:e.offset+e.length]...)
		}
	}
	return b
}

// joinBlock is the reverse of cutBlock.
func joinBlock(glyphs [][]byte) []byte {
	var b []byte
	for _, g := range glyphs {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(g)))
	}
	return append(b, slices.Concat(glyphs...)...)
}

func (p *packer) frames() ([][]byte, error) {
	plain, err := packWriter()
	if err != nil {
		return nil, err
	}
	var dict []byte
	blocks := slices.Collect(slices.Chunk(p.outlines, p.perBlock))
	for i := 0; i < len(blocks); i += p.dictEvery {
		dict = append(dict, joinBlock(blocks[i])...)
	}
	keyed, err := packWriter(zstd.WithEncoderDictRaw(dictID, dict))
	if err != nil {
		return nil, err
	}
	frames := [][]byte{plain.EncodeAll(p.tables(true), nil),
		plain.EncodeAll(p.tables(false), nil), plain.EncodeAll(dict, nil)}
	for i, b := range blocks {
		if i%p.dictEvery == 0 {
			frames = append(frames, nil)
			continue
		}
		frames = append(frames, keyed.EncodeAll(joinBlock(b), nil))
	}
	for b := range slices.Chunk(p.hints, p.perHints) {
		frames = append(frames, plain.EncodeAll(joinBlock(b), nil))
	}
	return frames, nil
}

func packWriter(more ...zstd.EOption) (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, append(more, zstd.WithEncoderLevel(zstd.SpeedBestCompression),
		zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(8<<20))...)
}

func (p *packer) assemble(frames [][]byte) ([]byte, error) {
	h := blockHeader{SHA256: sha256.Sum256(p.file), Size: uint32(len(p.file)),
		Glyphs: uint32(len(p.outlines)), PerBlock: uint16(p.perBlock),
		PerHints: uint16(p.perHints), DictEvery: uint16(p.dictEvery), Frames: uint32(len(frames))}
	b, err := binary.Append([]byte(blockMagic), binary.LittleEndian, h)
	if err != nil {
		return nil, err
	}
	at := len(b) + 8*len(frames)
	for _, f := range frames {
		b = binary.LittleEndian.AppendUint32(b, uint32(at))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(f)))
		at += len(f)
	}
	return append(b, slices.Concat(frames...)...), nil
}
