package pdf

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"testing"
)

// s15 is an s15Fixed16Number of ICC.1:2001-04.
func s15(v float64) []byte {
	return binary.BigEndian.AppendUint32(nil, uint32(int32(math.Round(v*65536))))
}

func xyz(x, y, z float64) []byte {
	b := append([]byte("XYZ \x00\x00\x00\x00"), s15(x)...)
	return append(append(b, s15(y)...), s15(z)...)
}

// curve is the transfer function of IEC 61966-2-1 at 1,024 points.
func curve() []byte {
	const n = 1024
	b := binary.BigEndian.AppendUint32([]byte("curv\x00\x00\x00\x00"), n)
	for i := range n {
		v := float64(i) / (n - 1)
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		b = binary.BigEndian.AppendUint16(b, uint16(math.Round(v*65535)))
	}
	return b
}

func desc(s string) []byte {
	b := binary.BigEndian.AppendUint32([]byte("desc\x00\x00\x00\x00"), uint32(len(s)+1))
	b = append(append(b, s...), 0)
	b = append(b, make([]byte, 8)...)     // no Unicode form
	return append(b, make([]byte, 70)...) // no ScriptCode form
}

// buildProfile makes the profile: sRGB primaries adapted to D50 by Bradford.
func buildProfile() []byte {
	tags := []struct {
		sig  string
		data []byte
	}{
		{"desc", desc("sRGB IEC61966-2.1")},
		{"cprt", append([]byte("text\x00\x00\x00\x00"), "CC0 1.0\x00"...)},
		{"wtpt", xyz(0.95045, 1, 1.08905)},
		{"rXYZ", xyz(0.43607, 0.22249, 0.01392)},
		{"gXYZ", xyz(0.38515, 0.71687, 0.09708)},
		{"bXYZ", xyz(0.14307, 0.06061, 0.71410)},
		{"rTRC", curve()}, {"gTRC", nil}, {"bTRC", nil},
	}
	at := 128 + 4 + 12*len(tags)
	table := binary.BigEndian.AppendUint32(nil, uint32(len(tags)))
	var data []byte
	start, size := 0, 0
	for _, t := range tags {
		if t.data != nil {
			start, size = at+len(data), len(t.data)
			data = append(data, t.data...)
			data = append(data, make([]byte, (4-len(data)%4)%4)...)
		}
		table = append(table, t.sig...)
		table = binary.BigEndian.AppendUint32(table, uint32(start))
		table = binary.BigEndian.AppendUint32(table, uint32(size))
	}
	h := make([]byte, 128)
	binary.BigEndian.PutUint32(h, uint32(at+len(data)))
	copy(h[8:], "\x02\x10\x00\x00mntrRGB XYZ ")
	for i, v := range []uint16{2023, 2, 8, 0, 0, 0} {
		binary.BigEndian.PutUint16(h[24+2*i:], v)
	}
	copy(h[36:], "acsp")
	copy(h[68:], s15(0.9642))
	copy(h[72:], s15(1))
	copy(h[76:], s15(0.8249))
	return append(append(h, table...), data...)
}

// TestProfile builds the shipped profile again from the published figures.
func TestProfile(t *testing.T) {
	want := buildProfile()
	if os.Getenv("OSHIRASE_UPDATE") != "" {
		if err := os.WriteFile("srgb.icc", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile("srgb.icc"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("srgb.icc is not what the figures give (%d bytes, want %d; %v)", len(got), len(want), err)
	}
}
