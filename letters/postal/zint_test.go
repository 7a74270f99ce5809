package postal

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// zintBars asks zint, a barcode program that shares no code with this
// package, for the bars of each input (code and field) in one batch run.
func zintBars(t *testing.T, inputs []string) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "inputs.txt")
	if err := os.WriteFile(file, []byte(strings.Join(inputs, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("zint", "-b", "76", "--batch", "-i", file, "--dump").Output()
	if err != nil {
		t.Fatalf("zint (package zint): %v", err)
	}
	rows := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(rows) != 3*len(inputs) {
		t.Fatalf("zint gave %d rows for %d inputs", len(rows), len(inputs))
	}
	all := make([]string, len(inputs))
	for i := range all {
		all[i] = dumpBars(t, rows[3*i], rows[3*i+2])
	}
	return all
}

// dumpBars reads zint's dump: bar i is bit 2i of the ascender row and of the
// descender row.
func dumpBars(t *testing.T, ascenders, descenders string) string {
	t.Helper()
	up, down := dumpBits(t, ascenders), dumpBits(t, descenders)
	var b strings.Builder
	for i := range barCount {
		switch {
		case up[2*i] && down[2*i]:
			b.WriteByte('1')
		case up[2*i]:
			b.WriteByte('2')
		case down[2*i]:
			b.WriteByte('3')
		default:
			b.WriteByte('4')
		}
	}
	return b.String()
}

func dumpBits(t *testing.T, row string) []bool {
	t.Helper()
	raw, err := hex.DecodeString(strings.ReplaceAll(row, " ", ""))
	if err != nil || len(raw)*8 < 2*barCount {
		t.Fatalf("zint row %q: %v", row, err)
	}
	bits := make([]bool, len(raw)*8)
	for i := range bits {
		bits[i] = raw[i/8]&(0x80>>(i%8)) != 0
	}
	return bits
}

// zintInput writes a barcode as zint wants it: no more than fits. A control
// code alone on the last place cannot be said to zint (false).
func zintInput(b Barcode) (string, bool) {
	used := 0
	for i, c := range b.Field {
		size := 1
		if isLetter(c) {
			size = 2
		}
		if used+size > fieldLen {
			return b.Code + b.Field[:i], used == fieldLen
		}
		used += size
	}
	return b.Code + b.Field, true
}

// differences lists the inputs whose bars are not those of the other side.
func differences(inputs []string, got, want []string) []string {
	var diff []string
	for i := range inputs {
		if got[i] != want[i] {
			diff = append(diff, fmt.Sprintf("%s: %s, zint %s", inputs[i], got[i], want[i]))
		}
	}
	return diff
}

// randomAddress makes an invented address in a real town.
func randomAddress(d *Data, random *rand.Rand) (code, address, building string) {
	row := d.row(uint32(random.IntN(d.Len())))
	n := func(top int) int { return 1 + random.IntN(top) }
	forms := []string{
		fmt.Sprintf("%d丁目%d-%d", n(9), n(40), n(30)), fmt.Sprintf("%d－%d－%d", n(9), n(40), n(30)),
		fmt.Sprintf("%d番地の%d", n(3000), n(20)), fmt.Sprintf("%d番地", n(9999)),
		"二十一番" + fmt.Sprint(n(30)) + "号", "甲" + fmt.Sprint(n(900)), fmt.Sprintf("字中%d", n(900)),
	}
	buildings := []string{
		"", fmt.Sprintf("電力ビル%dF", n(12)), fmt.Sprintf("Ｂ棟%d号", 100*n(9)+n(9)), fmt.Sprintf("コーポ電力%c-%d", 'A'+rune(random.IntN(26)), n(999)),
		fmt.Sprintf("第%dDENRYOKU %d", n(9), n(99)), fmt.Sprintf("%c%d", 'A'+rune(random.IntN(26)), n(99)),
	}
	return row.Code, row.Prefecture + row.City + row.Town + forms[random.IntN(len(forms))], buildings[random.IntN(len(buildings))]
}

// TestZint compares every bar of invented addresses all over Japan, and of
// the examples, with zint's.
func TestZint(t *testing.T) {
	t.Parallel()
	d := loaded(t)
	random := rand.New(rand.NewPCG(20230207, 44855))
	var inputs, got []string
	none, unsayable, why := 0, 0, map[Reason]int{}
	take := func(b Barcode, reason Reason) {
		input, ok := zintInput(b)
		switch {
		case reason != "":
			none++
			why[reason]++
		case !ok:
			unsayable++
		default:
			inputs, got = append(inputs, input), append(got, barString(b))
		}
	}
	for _, v := range append(manual, derived...) {
		take(d.Barcode(v.code, v.address, ""))
	}
	for len(inputs) < zintSweep {
		take(d.Barcode(randomAddress(d, random)))
	}
	want := zintBars(t, inputs)
	for _, diff := range differences(inputs, got, want) {
		t.Error(diff)
	}
	t.Logf("%d codes compared bar for bar; %d addresses without barcode: %v; %d with a control code alone on the last place, which zint cannot express",
		len(inputs), none, why, unsayable)
	if none > len(inputs)/10 || unsayable > len(inputs)/50 {
		t.Errorf("too many left out: %d without barcode, %d beyond zint", none, unsayable)
	}
}

// One wrong bar in one code of many must be found, on whichever side.
func TestZintComparisonFindsOneWrongBar(t *testing.T) {
	t.Parallel()
	d := loaded(t)
	var inputs, got []string
	for _, v := range derived {
		b, _ := d.Barcode(v.code, v.address, "")
		inputs, got = append(inputs, b.Code+b.Field), append(got, barString(b))
	}
	want := zintBars(t, inputs)
	if diff := differences(inputs, got, want); len(diff) != 0 {
		t.Fatalf("not equal before the change: %v", diff)
	}
	for bar := range barCount {
		mutated := append([]string(nil), got...)
		states := []byte(mutated[3])
		states[bar] = '1' + (states[bar]-'1'+1)%4
		mutated[3] = string(states)
		if diff := differences(inputs, mutated, want); len(diff) != 1 {
			t.Errorf("bar %d changed: %d differences found, want 1", bar, len(diff))
		}
	}
}
