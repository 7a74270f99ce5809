package readback

import (
	"archive/zip"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Limits of archives. A packet of the largest retailer stays under a
// hundredth of them; a bomb does not.
const (
	maxEntries  = 2_000
	maxEntry    = 200 << 20 // bytes of one entry, unpacked
	maxUnpacked = 400 << 20 // bytes of all entries, unpacked
	maxRatio    = 1_000     // unpacked to packed, beyond small entries
	smallEntry  = 1 << 20
)

// Archive is an opened ZIP file.
type Archive struct {
	files map[string]*zip.File
	names []string
	read  int64
}

// OpenZIP reads the list of a ZIP file of size bytes. Names that lead out of
// the folder, links, encrypted entries and double names are refused, before
// anything is unpacked. It returns ErrMalformed, ErrNotUnderstood or
// ErrTooLarge.
func OpenZIP(r io.ReaderAt, size int64) (a *Archive, err error) {
	defer guard(&err)
	zr, err := zip.NewReader(r, size)
	if err != nil {
		return nil, malformed("ZIP file")
	}
	if len(zr.File) > maxEntries {
		return nil, fmt.Errorf("%d entries: %w", len(zr.File), ErrTooLarge)
	}
	a = &Archive{files: make(map[string]*zip.File)}
	total := uint64(0)
	for i, f := range zr.File {
		if strings.HasSuffix(f.Name, "/") && f.UncompressedSize64 == 0 {
			continue // a folder
		}
		if err := a.add(f); err != nil {
			return nil, fmt.Errorf("entry %d: %w", i, err)
		}
		if total += f.UncompressedSize64; total > maxUnpacked {
			return nil, fmt.Errorf("entries of %d bytes: %w", total, ErrTooLarge)
		}
	}
	slices.Sort(a.names)
	return a, nil
}

func (a *Archive) add(f *zip.File) error {
	const encrypted = 0x1
	switch {
	case !fs.ValidPath(f.Name) || path.Clean(f.Name) != f.Name || strings.ContainsAny(f.Name, "\\:\x00"):
		return malformed("name that leads elsewhere")
	case !f.Mode().IsRegular():
		return malformed("entry that is no file")
	case f.Flags&encrypted != 0:
		return notUnderstood("encrypted entry")
	case a.files[f.Name] != nil:
		return malformed("name that stands twice")
	case f.UncompressedSize64 > maxEntry, f.UncompressedSize64 > smallEntry && f.UncompressedSize64/maxRatio > f.CompressedSize64:
		return fmt.Errorf("entry of %d bytes: %w", f.UncompressedSize64, ErrTooLarge)
	}
	a.files[f.Name] = f
	a.names = append(a.names, f.Name)
	return nil
}

// Names returns the names of all files in the archive, sorted.
func (a *Archive) Names() []string { return slices.Clone(a.names) }

// Read unpacks one file; its check sum is verified. The limits hold for what
// comes out, whatever the archive's list says.
func (a *Archive) Read(name string) (data []byte, err error) {
	defer guard(&err)
	f := a.files[name]
	if f == nil {
		return nil, fmt.Errorf("no entry of that name: %w", fs.ErrNotExist)
	}
	rc, err := f.Open()
	if err != nil {
		return nil, malformed("ZIP entry")
	}
	defer rc.Close()
	data, err = io.ReadAll(io.LimitReader(rc, maxEntry+1))
	if err != nil {
		return nil, malformed("ZIP entry")
	}
	if a.read += int64(len(data)); len(data) > maxEntry || a.read > 4*maxUnpacked {
		return nil, fmt.Errorf("entry over %d bytes: %w", maxEntry, ErrTooLarge)
	}
	return data, nil
}
