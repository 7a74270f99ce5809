//go:build measure

package bounce

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestMeasure(t *testing.T) {
	r, err := NewReasons()
	if err != nil {
		t.Fatal(err)
	}
	hard := map[string]string{"userunknown": "hard", "hostunknown": "hard", "hasmoved": "hard", "notaccept": "hard"}
	dir := os.Getenv("CORPUS")
	f, _ := os.Open(os.Getenv("LABELS"))
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	seen := map[string]bool{}
	total, right, kindWrong, undecided := 0, 0, 0, 0
	for sc.Scan() {
		p := strings.Split(sc.Text(), "\t")
		if seen[p[0]] {
			continue
		}
		seen[p[0]] = true
		raw, err := os.ReadFile(dir + "/" + p[0])
		if err != nil {
			t.Fatal(err)
		}
		rep := r.Parse(raw, "example.jp")
		want := "soft"
		if hard[p[1]] != "" {
			want = "hard"
		}
		switch p[1] {
		case "NONE", "vacation", "feedback", "delivered":
			if rep.Kind == Bounce {
				kindWrong++
				fmt.Printf("KIND %s label %s got bounce %s %s\n", p[0], p[1], rep.Class, rep.Reason)
			}
			continue
		}
		if rep.Kind != Bounce {
			if rep.Kind == Delayed && p[1] == "expired" {
				continue
			}
			kindWrong++
			total++
			fmt.Printf("KIND %s label %s got %s\n", p[0], p[1], rep.Kind)
			continue
		}
		if p[1] == "onhold" || p[1] == "undefined" {
			undecided++
			if os.Getenv("VERBOSE") != "" {
				fmt.Printf("UNDECIDED %s got %s %s %s %d\n", p[0], rep.Class, rep.Reason, rep.Status, rep.Code)
			}
			continue
		}
		total++
		if string(rep.Class) == want {
			right++
		} else {
			diag := ""
			if len(p) > 6 {
				diag = p[6]
			}
			fmt.Printf("MISS %s label %s(%s) got %s %s %s %d | %s\n", p[0], p[1], p[3], rep.Class, rep.Reason, rep.Status, rep.Code, diag)
		}
	}
	fmt.Printf("right %d of %d = %.1f %%; kind wrong %d; undecided %d\n", right, total, 100*float64(right)/float64(total), kindWrong, undecided)
}
