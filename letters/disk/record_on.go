//go:build failpoint

package disk

import (
	"os"
	"strconv"

	"oshirase/letters/failpoint"
)

// record notes how much of a file is safe now.
func record(step string, f *os.File) {
	info, err := f.Stat()
	if err != nil {
		panic(err)
	}
	failpoint.Record(step, f.Name(), strconv.FormatInt(info.Size(), 10))
}
