package pdf

import (
	"bytes"
	"io"
	"testing"

	"github.com/klauspost/compress/zlib"
)

// A reader finds in a stored stream what was stored.
func TestStoreIsRead(t *testing.T) {
	for _, size := range []int{0, 1, 257, storedBelow - 1, 1<<16 - 1} {
		data := bytes.Repeat([]byte{0xFF, 0x00, 0x5A}, size/3+1)[:size]
		r, err := zlib.NewReader(bytes.NewReader(store(nil, data)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r) // checks the sum
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes: got %d, %v", size, len(got), err)
		}
	}
}
