package printing

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"

	"oshirase/letters"
)

// TestAnyNumberOfWorkersMakesTheSameRun lets the first letter of all end only
// after another one, so that letters come out of order whenever they can.
func TestAnyNumberOfWorkersMakesTheSameRun(t *testing.T) {
	t.Parallel()
	var want map[string]string
	for _, workers := range []int{1, 2, 3, 8, 40} {
		root := t.TempDir()
		m, o, p := testRun(root, 30)
		m.Workers, m.PerFile = workers, 30
		other := make(chan struct{})
		var once sync.Once
		first := planRun(o, 30).Items[0].LetterID
		p.drawing = func(id letters.ID) {
			switch {
			case workers == 1:
			case id == first:
				<-other
			default:
				once.Do(func() { close(other) })
			}
		}
		if _, err := m.Make(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		got := tree(t, root)
		if want == nil {
			want = got
		}
		if !maps.Equal(got, want) {
			t.Errorf("%d workers make another run", workers)
		}
	}
}

// TestAFaultOfOneWorkerEndsTheRun: an error, a panic and a stop leave no
// folder and no worker behind.
func TestAFaultOfOneWorkerEndsTheRun(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 4} {
		for what, fault := range map[string]func(*paper, letters.ID, context.CancelFunc){
			"no such letter": func(p *paper, id letters.ID, _ context.CancelFunc) { delete(p.pages, id) },
			"panic (string) while drawing": func(p *paper, bad letters.ID, _ context.CancelFunc) {
				p.drawing = func(id letters.ID) {
					if id == bad {
						panic("電力 太郎")
					}
				}
			},
			"context canceled": func(p *paper, bad letters.ID, stop context.CancelFunc) {
				p.drawing = func(id letters.ID) {
					if id == bad {
						stop()
					}
				}
			},
		} {
			root := t.TempDir()
			m, o, p := testRun(root, 60)
			m.Workers, m.PerFile = workers, 60
			ctx, stop := context.WithCancel(t.Context())
			fault(p, planRun(o, 60).Items[20].LetterID, stop)
			_, err := m.Make(ctx, o)
			stop()
			if err == nil || !strings.Contains(err.Error(), what) || strings.Contains(err.Error(), "電力") {
				t.Errorf("%d workers: error %v, want %q", workers, err, what)
			}
			if errors.Is(err, ErrAlreadyHandedOver) || len(tree(t, root)) != 0 {
				t.Errorf("%d workers, %s: something is left behind", workers, what)
			}
		}
	}
}
