package fault

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// power is what a disk would hold after a loss of power: of each file as much
// as was synced, of each name what its folder's sync made safe. It follows the
// program's own record of its durable steps (letters/disk), and take applies
// it to a home whose program was killed. What is not safe may be there or
// not: the seed decides. What was being synced when a sync failed is not safe
// by a later sync either, only when it is written again.
type power struct {
	root   string
	length map[string]int64  // safe bytes of each file
	given  map[string]int64  // bytes from which on the system gave a file's pages up
	safe   map[string]bool   // names that are safe in their folder
	origin map[string]string // unsafe name → the name it had before
}

// watched are the parts of a home whose durability the program promises by
// itself; the ledger's is SQLite's or PostgreSQL's.
func watched() []string { return []string{"print", "dropped", "packets", "archive", "journal.jsonl"} }

// newPower takes everything that is there for safe.
func newPower(root string) (*power, error) {
	p := &power{root: root, length: map[string]int64{}, given: map[string]int64{}, safe: map[string]bool{}, origin: map[string]string{}}
	err := p.walk(func(path string, info fs.FileInfo) error {
		p.safe[path] = true
		p.length[path] = info.Size()
		return nil
	})
	return p, err
}

func (p *power) walk(see func(path string, info fs.FileInfo) error) error {
	for _, part := range watched() {
		err := filepath.WalkDir(filepath.Join(p.root, part), func(path string, d fs.DirEntry, err error) error {
			if os.IsNotExist(err) {
				return nil
			}
			if err != nil {
				return err
			}
			info, err := d.Info()
			if os.IsNotExist(err) {
				return nil
			}
			if err != nil {
				return err
			}
			return see(path, info)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// follow reads the record of durable steps.
func (p *power) follow(record []byte) error {
	for line := range bytes.Lines(record) {
		var step [3]string
		if err := json.Unmarshal(line, &step); err != nil {
			return err
		}
		path, detail := step[1], step[2]
		switch step[0] {
		case "sync":
			n, err := strconv.ParseInt(detail, 10, 64)
			if err != nil {
				return err
			}
			if from, ok := p.given[path]; ok {
				n = min(n, from)
			}
			p.length[path] = n
		case "unsynced":
			if _, before := p.given[path]; !before {
				p.given[path] = p.length[path]
			}
		case "rewrite":
			from, err := strconv.ParseInt(detail, 10, 64)
			if err != nil {
				return err
			}
			if p.given[path] >= from {
				delete(p.given, path)
			}
		case "syncdir":
			for name := range strings.SplitSeq(detail, "/") {
				full := filepath.Join(path, name)
				p.safe[full] = true
				delete(p.origin, full)
			}
		case "rename", "replace":
			p.rename(detail, path)
		case "link":
			p.length[path] = p.length[detail]
		}
	}
	return nil
}

// rename moves what is known of a file or folder and of all below it. The new
// name is not safe yet.
func (p *power) rename(from, to string) {
	if _, err := os.Lstat(to); err != nil {
		return // killed before it happened
	}
	for path, n := range p.length {
		if rest, ok := strings.CutPrefix(path, from); ok && (rest == "" || rest[0] == '/') {
			delete(p.length, path)
			p.length[to+rest] = n
		}
	}
	for path, n := range p.given {
		if rest, ok := strings.CutPrefix(path, from); ok && (rest == "" || rest[0] == '/') {
			delete(p.given, path)
			p.given[to+rest] = n
		}
	}
	for path := range p.safe {
		if rest, ok := strings.CutPrefix(path, from); ok && (rest == "" || rest[0] == '/') {
			delete(p.safe, path)
			p.safe[to+rest] = true
		}
	}
	delete(p.safe, to)
	p.origin[to] = from
}

// take takes the power away: it changes the home into what a disk could hold.
func (p *power) take(r *rand.Rand) (lost int, err error) {
	err = p.walk(func(path string, info fs.FileInfo) error {
		if !p.safe[path] && r.IntN(2) == 0 {
			lost++
			return p.forget(r, path)
		}
		if info.IsDir() || info.Size() <= p.length[path] {
			return nil
		}
		lost++
		return tear(r, path, p.length[path], info.Size())
	})
	return lost, err
}

// forget takes a name away, or gives back the one it had.
func (p *power) forget(r *rand.Rand, path string) error {
	if from := p.origin[path]; from != "" && r.IntN(2) == 0 {
		return os.Rename(path, from)
	}
	return os.RemoveAll(path)
}

// tear leaves of an unsafe end nothing, a part, or zeros, or all of it.
func tear(r *rand.Rand, path string, safe, all int64) error {
	switch r.IntN(4) {
	case 0:
		return os.Truncate(path, safe)
	case 1:
		return os.Truncate(path, safe+r.Int64N(all-safe))
	case 2:
		if err := os.Truncate(path, safe); err != nil {
			return err
		}
		return os.Truncate(path, all) // the length came to the disk, the content did not
	}
	return nil
}
