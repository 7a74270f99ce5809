// Package reader reads print folders as the mailing house would: checksums,
// manifest, and with poppler the pages themselves. It imports nothing of the
// project, so what the print shop believes of its folders is not believed here.
package reader

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Letter is a letter that stands in a folder.
type Letter struct {
	ID         string `json:"letter"`
	Generation int    `json:"generation"`
	File       string `json:"file"`
	FirstPage  int    `json:"first_page"`
	Pages      int    `json:"pages"`
}

// Folder is a print run as it stands. Faults says why it is not whole.
type Folder struct {
	Run     string
	Letters []Letter
	Faults  []string
}

// Read reads every folder below root whose name does not begin with a dot:
// those are not handed over yet.
func Read(root string) ([]Folder, error) {
	entries, err := os.ReadDir(root)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Folder
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			all = append(all, folder(filepath.Join(root, e.Name())))
		}
	}
	return all, nil
}

func folder(dir string) Folder {
	f := Folder{Run: filepath.Base(dir)}
	fault := func(err error) {
		if err != nil {
			f.Faults = append(f.Faults, err.Error())
		}
	}
	listed, err := sums(dir)
	fault(err)
	raw, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	fault(err)
	var manifest struct {
		Run   string   `json:"run"`
		Items []Letter `json:"items"`
	}
	fault(json.Unmarshal(raw, &manifest))
	if manifest.Run != f.Run {
		fault(fmt.Errorf("manifest is of run %q", manifest.Run))
	}
	f.Letters = manifest.Items
	for _, l := range f.Letters {
		if !listed[l.File] {
			fault(fmt.Errorf("letter %s stands in %s, which has no checksum", l.ID, l.File))
			break
		}
	}
	return f
}

// sums verifies SHA256SUMS and names the files that it lists.
func sums(dir string) (map[string]bool, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
	if err != nil {
		return nil, err
	}
	listed := make(map[string]bool)
	for line := range strings.Lines(string(raw)) {
		want, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		content, err := os.ReadFile(filepath.Join(dir, filepath.Base(name)))
		if err != nil {
			return listed, err
		}
		if got := sha256.Sum256(content); hex.EncodeToString(got[:]) != want {
			return listed, fmt.Errorf("%s does not have its checksum", name)
		}
		listed[name] = true
	}
	if len(listed) == 0 {
		return nil, fmt.Errorf("SHA256SUMS of %s is empty", filepath.Base(dir))
	}
	return listed, nil
}

// Pages opens the folder's print files with pdftotext and returns what is
// wrong: a letter whose first page does not show its number, or a file with
// more or fewer pages than the manifest says.
func Pages(root string, f Folder) ([]string, error) {
	var wrong []string
	pages := make(map[string][]string)
	end := make(map[string]int)
	for _, l := range f.Letters {
		if pages[l.File] == nil {
			out, err := exec.Command("pdftotext", filepath.Join(root, f.Run, l.File), "-").Output()
			if err != nil {
				return nil, fmt.Errorf("pdftotext %s: %w", l.File, err)
			}
			pages[l.File] = strings.Split(strings.TrimSuffix(string(out), "\f"), "\f")
		}
		end[l.File] = max(end[l.File], l.FirstPage+l.Pages-1)
		if l.FirstPage < 1 || l.FirstPage > len(pages[l.File]) || !strings.Contains(pages[l.File][l.FirstPage-1], inFours(l.ID)) {
			wrong = append(wrong, fmt.Sprintf("letter %s is not on page %d of %s", l.ID, l.FirstPage, l.File))
		}
	}
	for name, all := range pages {
		if len(all) != end[name] {
			wrong = append(wrong, fmt.Sprintf("%s has %d pages, the manifest %d", name, len(all), end[name]))
		}
	}
	return wrong, nil
}

// inFours is a letter's number as it is printed: 1234-5678-9012-3456.
func inFours(id string) string {
	var parts []string
	for ; len(id) > 4; id = id[4:] {
		parts = append(parts, id[:4])
	}
	return strings.Join(append(parts, id), "-")
}
