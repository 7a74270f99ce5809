package fonts

import (
	"embed"
	"io/fs"
)

// The embedded files are never written to. See README.md for where each comes
// from; TestEmbeddedFiles holds them against the hashes below.
var (
	//go:embed data/BIZUDMincho-Regular.ttf
	minchoFile []byte
	//go:embed data/BIZUDGothic-Bold.ttf
	gothicFile []byte
	//go:embed data/ipamjm.ttf.blocks.bin
	ipamjBlocks []byte
)

// SHA-256 of the files as their makers released them. The last is that of the
// whole ipamjm.ttf, which WriteOriginal gives back byte for byte.
const (
	minchoSHA256 = "12a760927333e6099c7d55508b03617d905836041d3883c766e88a2e892a96c3"
	gothicSHA256 = "d4ac5302ab946ef8b81c6a11afc6ed553b4b4d4964ead16460fb53168e4724ae"
	ipamjSHA256  = "75268aa9ac2d92080048196af08adee37f1c286cf4b7777ed5ac3722a8737f5f"
)

//go:embed licences
var licences embed.FS

// Licences are the texts under which the program's faces may be passed on. Both
// licences ask that they go wherever the fonts go.
func Licences() fs.FS {
	sub, err := fs.Sub(licences, "licences")
	if err != nil { // the name is a constant
		return licences
	}
	return sub
}
