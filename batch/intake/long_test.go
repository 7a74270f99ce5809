//go:build long

package intake

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"oshirase/letters"
)

const measureEnv = "OSHIRASE_INTAKE_MEASURE"

// TestMeasureChild reads the file named by the environment in a process of
// its own, so that the peak memory is that of reading alone.
func TestMeasureChild(t *testing.T) {
	name := os.Getenv(measureEnv)
	if name == "" {
		return // it is the child of TestPeakMemory
	}
	f, err := os.Open(name)
	must(t, err)
	defer f.Close()
	info, err := f.Stat()
	must(t, err)
	start := time.Now()
	r, err := Read(context.Background(), "list", f, info.Size(), testOptions(t), func(letters.Row) error { return nil })
	must(t, err)
	fmt.Printf("good %d problems %d in %v\n", r.Good, r.Total, time.Since(start))
	status, err := os.ReadFile("/proc/self/status")
	must(t, err)
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmHWM:") {
			fmt.Print("peak ", strings.Fields(line)[1], "\n")
		}
	}
}

// TestPeakMemory: the real month as XLSX and a CSV of 50 MB each stay below
// 200 MB.
func TestPeakMemory(t *testing.T) {
	dir := t.TempDir()
	for name, write := range map[string]func(testing.TB, string){"list.xlsx": writeBigBook, "list.csv": writeBigText} {
		path := filepath.Join(dir, name)
		write(t, path)
		cmd := exec.Command(os.Args[0], "-test.run", "TestMeasureChild", "-test.v")
		cmd.Env = append(os.Environ(), measureEnv+"="+path)
		out, err := cmd.Output()
		must(t, err)
		t.Logf("%s: %s", name, out)
		_, rest, _ := strings.Cut(string(out), "peak ")
		peak, err := strconv.Atoi(strings.Fields(rest)[0])
		must(t, err)
		if peak > 200<<10 {
			t.Errorf("%s: peak %d kB, want below 200 MB", name, peak)
		}
		if !strings.Contains(string(out), "problems 0 ") {
			t.Errorf("%s: %s", name, out)
		}
	}
}

func writeBigBook(t testing.TB, path string) {
	f := excelize.NewFile()
	defer f.Close()
	for i := range 44_855 + 1 {
		row := sampleHeadings()
		if i > 0 {
			row = bigRow(i)
		}
		// Shared strings, as Excel writes them: not the stream writer's inline ones.
		must(t, f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row))
	}
	must(t, f.SaveAs(path))
}

func writeBigText(t testing.TB, path string) {
	f, err := os.Create(path)
	must(t, err)
	defer f.Close()
	w := bufio.NewWriter(f)
	size := 0
	for i := 0; size < 50<<20; i++ {
		row := sampleHeadings()
		if i > 0 {
			row = bigRow(i)
		}
		line := toCP932(t, csvText(",", "\r\n", row))
		size += len(line)
		_, err := w.Write(line)
		must(t, err)
	}
	must(t, w.Flush())
}

func bigRow(i int) []string {
	return changes(sampleRow(i), "契約名義", fmt.Sprintf("電力 太郎%d", i), "住所", fmt.Sprintf("福岡市博多区博多駅前9丁目99-%d", i),
		"連絡先電話番号", fmt.Sprintf("092-%07d", i))
}

// TestBombsAreQuick is for a person to read the time of.
func TestBombsAreQuick(t *testing.T) {
	data := bomb(t, 300)
	start := time.Now()
	_, r, err := ReadRetailers(t.Context(), "bomb", bytes.NewReader(data), int64(len(data)), Options{Headings: testHeadings(t)})
	must(t, err)
	t.Logf("refused with %v in %v", told(r), time.Since(start))
}
