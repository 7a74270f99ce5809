package templates

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// files are the effective files: path to bytes.
type files map[string][]byte

// readFiles reads the shipped files and lays each overlay over them. An
// overlay may add wording but may not carry a file of an unknown folder: it
// would be ignored in silence.
func readFiles(shipped fs.FS, overlays []fs.FS) (files, error) {
	out := files{}
	if err := out.add(shipped); err != nil {
		return nil, err
	}
	known := out.folders()
	for _, overlay := range overlays {
		if overlay == nil {
			continue
		}
		over := files{}
		if err := over.add(overlay); err != nil {
			return nil, err
		}
		for name := range over {
			if !known[folder(name)] {
				return nil, fmt.Errorf("%s: no such folder in the templates", name)
			}
		}
		maps.Copy(out, over)
	}
	return out, nil
}

func (f files) add(from fs.FS) error {
	return fs.WalkDir(from, ".", func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path == "." {
			return nil // the house has no overrides yet
		}
		if err != nil {
			return fmt.Errorf("read templates: %w", err)
		}
		if d.IsDir() {
			if path == "demo" || path == "testdata" {
				return fs.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(path, ".go") || strings.HasPrefix(d.Name(), ".") {
			return nil
		}
		b, err := fs.ReadFile(from, path)
		if err != nil {
			return fmt.Errorf("read template %s: %w", path, err)
		}
		f[path] = b
		return nil
	})
}

func (f files) folders() map[string]bool {
	known := map[string]bool{"": true}
	for name := range f {
		known[folder(name)] = true
	}
	return known
}

// in lists the files of a folder with an ending, in order of name.
func (f files) in(dir, ending string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if folder(name) == dir && strings.HasSuffix(name, ending) {
			names = append(names, name)
		}
	}
	return names
}

// version is the SHA-256 over names and bytes of every file that can change a
// letter. The desk's pages, list headings and problem sentences cannot, so a
// month in hand survives a better error message.
func (f files) version() string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(f)) {
		switch folder(name) {
		case "", "incident", "letters", "mail", "briefing":
			fmt.Fprintf(h, "%d %s %d\n", len(name), name, len(f[name]))
			h.Write(f[name])
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// decode reads one TOML file; a key that the program does not know is an
// error, since a misspelt setting would otherwise be ignored.
func (f files) decode(name string, into any) error {
	b, ok := f[name]
	if !ok {
		return fmt.Errorf("template %s: %w", name, fs.ErrNotExist)
	}
	meta, err := toml.Decode(string(b), into)
	if err != nil {
		return fmt.Errorf("template %s: %w", name, err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return fmt.Errorf("template %s: unknown key %s", name, extra[0])
	}
	return nil
}

func folder(name string) string {
	dir, _, found := strings.Cut(name, "/")
	if !found {
		return ""
	}
	return dir
}
