package readback

import (
	"bytes"
	"compress/zlib"
	"context"
	"fmt"
	"io"
	"unicode/utf16"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// maxStream limits one unpacked stream: the largest face is under 50 MB.
const maxStream = 128 << 20

// maxDepth limits references that lead to references, and page trees.
const maxDepth = 32

// resolve follows references to an object; nil for what is not there.
func (d *Document) resolve(o types.Object) types.Object {
	for range maxDepth {
		ref, ok := o.(types.IndirectRef)
		if !ok {
			return o
		}
		entry, ok := d.ctx.Find(ref.ObjectNumber.Value())
		if !ok || entry.Free {
			return nil
		}
		o = unpacked(entry)
	}
	return nil
}

// unpacked reads an object that lies in an object stream, once.
func unpacked(entry *model.XRefTableEntry) types.Object {
	lazy, ok := entry.Object.(types.LazyObjectStreamObject)
	if !ok {
		return entry.Object
	}
	o, err := lazy.DecodedObject(context.Background())
	if err != nil {
		return nil
	}
	entry.Object = o
	return o
}

// get resolves one entry of a dictionary.
func (d *Document) get(dict types.Dict, key string) types.Object {
	o, ok := dict.Find(key)
	if !ok {
		return nil
	}
	return d.resolve(o)
}

func (d *Document) getDict(dict types.Dict, key string) types.Dict {
	return asDict(d.get(dict, key))
}

// asDict returns a dictionary, or that of a stream; nil for anything else.
func asDict(o types.Object) types.Dict {
	switch o := o.(type) {
	case types.Dict:
		return o
	case types.StreamDict:
		return o.Dict
	}
	return nil
}

func (d *Document) getArray(dict types.Dict, key string) types.Array {
	a, _ := d.get(dict, key).(types.Array)
	return a
}

func (d *Document) getName(dict types.Dict, key string) string {
	n, _ := d.get(dict, key).(types.Name)
	return string(n)
}

func (d *Document) number(o types.Object) (float64, bool) {
	switch n := d.resolve(o).(type) {
	case types.Integer:
		return float64(n), true
	case types.Float:
		return float64(n), true
	}
	return 0, false
}

// numbers reads an array of exactly n numbers.
func (d *Document) numbers(o types.Object, n int) ([]float64, bool) {
	a, ok := d.resolve(o).(types.Array)
	if !ok || len(a) != n {
		return nil, false
	}
	out := make([]float64, n)
	for i := range a {
		if out[i], ok = d.number(a[i]); !ok {
			return nil, false
		}
	}
	return out, true
}

// text reads a text string: UTF-16 with its mark, UTF-8 with its mark, else
// one byte a character (PDFDocEncoding agrees with Latin-1 where it matters).
func (d *Document) text(o types.Object) (string, bool) {
	var raw []byte
	var err error
	switch s := d.resolve(o).(type) {
	case types.StringLiteral:
		raw, err = types.Unescape(string(s))
	case types.HexLiteral:
		raw, err = s.Bytes()
	default:
		return "", false
	}
	if err != nil {
		return "", false
	}
	return textString(raw), true
}

func textString(raw []byte) string {
	switch {
	case bytes.HasPrefix(raw, []byte{0xFE, 0xFF}):
		return utf16String(raw[2:])
	case bytes.HasPrefix(raw, []byte{0xEF, 0xBB, 0xBF}):
		return string(raw[3:])
	}
	runes := make([]rune, len(raw))
	for i, b := range raw {
		runes[i] = rune(b)
	}
	return string(runes)
}

// utf16String reads UTF-16BE; an odd last byte is dropped.
func utf16String(raw []byte) string {
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
	}
	return string(utf16.Decode(units))
}

// stream returns the unpacked bytes of a stream without a filter or under
// FlateDecode without a predictor, the only forms that the renderer writes.
func (d *Document) stream(o types.Object) ([]byte, error) {
	s, ok := d.resolve(o).(types.StreamDict)
	if !ok {
		return nil, malformed("a stream is missing")
	}
	filters, err := d.filters(s.Dict)
	if err != nil {
		return nil, err
	}
	data := s.Raw
	for range filters {
		if data, err = d.inflater.inflate(data, maxStream); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// filters lists a stream's filters and refuses all but plain FlateDecode.
func (d *Document) filters(dict types.Dict) ([]string, error) {
	var names []string
	switch f := d.get(dict, "Filter").(type) {
	case nil:
	case types.Name:
		names = []string{string(f)}
	case types.Array:
		for _, o := range f {
			n, _ := d.resolve(o).(types.Name)
			names = append(names, string(n))
		}
	default:
		return nil, malformed("filter of a stream")
	}
	for _, name := range names {
		if name != "FlateDecode" || d.get(dict, "DecodeParms") != nil || len(names) > 1 {
			return nil, notUnderstood("stream filter %q", name)
		}
	}
	return names, nil
}

// inflater unpacks streams one after the other with the same memory.
type inflater struct {
	r   io.ReadCloser
	out bytes.Buffer
}

// inflate unpacks data into bytes of their own.
func (f *inflater) inflate(data []byte, limit int64) ([]byte, error) {
	var err error
	if f.r == nil {
		f.r, err = zlib.NewReader(bytes.NewReader(data))
	} else {
		err = f.r.(zlib.Resetter).Reset(bytes.NewReader(data), nil)
	}
	if err != nil {
		f.r = nil // a reader that failed is not trusted with the next
		return nil, malformed("packed stream")
	}
	f.out.Reset()
	n, err := io.Copy(&f.out, io.LimitReader(f.r, limit+1))
	if err != nil {
		f.r = nil
		return nil, malformed("packed stream")
	}
	if n > limit {
		return nil, fmt.Errorf("stream over %d bytes: %w", limit, ErrTooLarge)
	}
	return bytes.Clone(f.out.Bytes()), nil
}
