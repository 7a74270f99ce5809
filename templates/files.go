package templates

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// files are the effective files: path to bytes.
type files map[string][]byte

// FileError is a fault of one file of settings or wording, by a code whose
// sentence the command line has: syntax, unknown_key, date, report_class, stray.
type FileError struct {
	File string
	Line int    // 0 = unknown
	Key  string // of the file; of a stray one the file that may be meant
	Code string
	Err  error // nil when the code says it all
}

func (e *FileError) Error() string {
	return fmt.Sprintf("template %s: line %d: %s: %s: %v", e.File, e.Line, e.Key, e.Code, e.Err)
}

func (e *FileError) Unwrap() error { return e.Err }

// readFiles reads the shipped files and lays each overlay over them. An
// overlay may add wording of letters and briefings, but no other file that is
// not shipped: it would be ignored in silence.
func readFiles(shipped fs.FS, overlays []fs.FS) (files, error) {
	out := files{}
	if err := out.add(shipped); err != nil {
		return nil, err
	}
	shippedNames := slices.Sorted(maps.Keys(out))
	for _, overlay := range overlays {
		if overlay == nil {
			continue
		}
		over := files{}
		if err := over.add(overlay); err != nil {
			return nil, err
		}
		for name := range over {
			if err := stray(name, shippedNames); err != nil {
				return nil, err
			}
		}
		maps.Copy(out, over)
	}
	return out, nil
}

func (f files) add(from fs.FS) error {
	return fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name == "." {
			return nil // the house has no overrides yet
		}
		if err != nil {
			return fmt.Errorf("read templates: %w", err)
		}
		if d.IsDir() {
			if name == "demo" || name == "testdata" {
				return fs.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(name, ".go") || strings.HasPrefix(d.Name(), ".") {
			return nil
		}
		b, err := fs.ReadFile(from, name)
		if err != nil {
			return fmt.Errorf("read template %s: %w", name, err)
		}
		f[name] = b
		return nil
	})
}

// stray refuses a file of an overlay that stands for no shipped one.
func stray(name string, shipped []string) error {
	wording := (folder(name) == "letters" || folder(name) == "briefing") && path.Ext(name) == ".md" && strings.Count(name, "/") == 1
	if wording || slices.Contains(shipped, name) {
		return nil
	}
	e := &FileError{File: name, Code: "stray"}
	if i := slices.IndexFunc(shipped, func(s string) bool { return path.Base(s) == path.Base(name) }); i >= 0 {
		e.Key = shipped[i]
	}
	return e
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
		line, key := Place(err)
		return &FileError{File: name, Line: line, Key: key, Code: "syntax", Err: err}
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return &FileError{File: name, Key: extra[0].String(), Code: "unknown_key"}
	}
	return nil
}

// Place reads line and key out of an error of the TOML decoder, which gives
// them as text alone where a value is of another type than it must be; 0 and ""
// where it gives none.
func Place(err error) (line int, key string) {
	found := regexp.MustCompile(`^toml: line (\d+)(?: \(last key "([^"]*)"\))?`).FindStringSubmatch(err.Error())
	if found == nil {
		return 0, ""
	}
	line, _ = strconv.Atoi(found[1]) // digits, by the pattern
	return line, found[2]
}

func folder(name string) string {
	dir, _, found := strings.Cut(name, "/")
	if !found {
		return ""
	}
	return dir
}
