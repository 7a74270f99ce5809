//go:build failpoint

package disk

import (
	"os"
	"strconv"
	"strings"

	"oshirase/letters/failpoint"
)

// record notes how much of a file is safe now.
func record(step string, f *os.File) {
	info, err := f.Stat()
	if err != nil {
		panic(err) // the harness would be blind
	}
	failpoint.Record(step, f.Name(), strconv.FormatInt(info.Size(), 10))
}

// recordDir notes the names that are safe now.
func recordDir(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		panic(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	failpoint.Record("syncdir", dir, strings.Join(names, "/"))
}
