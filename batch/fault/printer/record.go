package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
)

// entry is one line of the record: something that the company's staff could
// see.
type entry struct {
	Run     string            `json:"run"`
	How     string            `json:"how"` // rename, mkdir, write or remove
	Files   map[string]string `json:"files,omitempty"`
	Fetched bool              `json:"fetched"`
	Ending  string            `json:"ending"`
}

// keep appends an entry and returns when it is on the disk.
func (s *server) keep(e entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.record.Write(append(line, '\n')); err != nil {
		return err
	}
	return s.record.Sync()
}

// hashes reads every file of a folder.
func hashes(dir string) (map[string]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	sums := make(map[string]string)
	for _, e := range entries {
		f, err := os.Open(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		h := sha256.New()
		_, err = io.Copy(h, f)
		_ = f.Close() // only read from
		if err != nil {
			return nil, err
		}
		sums[e.Name()] = hex.EncodeToString(h.Sum(nil))
	}
	return sums, nil
}
