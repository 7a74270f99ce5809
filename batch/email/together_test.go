package email

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// TestCommitsTogetherOnceAllGoesWell: one mail a commit at first, more later
// when commits take longer than mails; never are more than Ahead committed and
// not yet recorded as sent, but for the one whose record is on its way.
func TestCommitsTogetherOnceAllGoesWell(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, l := newQueue(many(300)...), &line{takes: time.Second}
		q.takes = 3 * time.Second
		most := 0
		l.during = func(string) {
			q.mu.Lock()
			defer q.mu.Unlock()
			most = max(most, len(q.handing)-len(q.done))
		}
		w := testWorker(q, l)
		w.Ahead = 4
		if totals, err := w.Run(t.Context()); err != nil || totals.Accepted != 300 {
			t.Fatalf("%+v, %v", totals, err)
		}
		sum := 0
		for i, n := range q.groups {
			sum += n
			if i < 20 && n != 1 || n > 4 {
				t.Errorf("commit %d has %d mails, want 1 on a line that has only begun and 4 at most", i, n)
			}
		}
		if sum != 300 || len(q.groups) > 200 || most > 5 {
			t.Errorf("%d mails in %d commits, %d in the open at once", sum, len(q.groups), most)
		}
	})
}

// TestRefusedWhileItsCommitIsOnItsWay: the server answers sooner than the
// disk; the outcome is recorded after the hand-over all the same.
func TestRefusedWhileItsCommitIsOnItsWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, l := newQueue(many(100)...), &line{plan: map[string]Outcome{}, takes: time.Second}
		q.takes = 3 * time.Second
		for _, i := range []int{20, 21, 60, 61, 62} { // as soon as the window has widened
			l.plan[fmt.Sprintf("L%02d", i)] = Outcome{Kind: Refused, Stage: StageRcpt, Code: 550}
		}
		totals, err := testWorker(q, l).Run(t.Context())
		if err != nil || totals.Accepted != 95 || totals.Refused != 5 {
			t.Errorf("%+v, %v", totals, err)
		}
	})
}

// TestTroubleGivesBackWhatWasCommittedAhead: the line dies; what had not been
// sent is certainly not sent, and goes back to the queue.
func TestTroubleGivesBackWhatWasCommittedAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, l := newQueue(many(120)...), &line{takes: time.Second, plan: map[string]Outcome{}}
		for i := 100; i < 120; i++ {
			l.plan[fmt.Sprintf("L%02d", i)] = Outcome{Kind: Uncertain, Stage: StageDot}
		}
		w := testWorker(q, l)
		w.UncertainBrake = 1
		totals, err := w.Run(t.Context())
		if !errors.Is(err, ErrBrake) || totals.Uncertain != 1 || totals.Accepted != 100 || totals.GivenBack != 19 {
			t.Errorf("%+v, %v: want 100 accepted, one uncertain and 19 given back", totals, err)
		}
		if len(l.sent) != 101 || len(q.done) != 120 {
			t.Errorf("%d sent, %d recorded", len(l.sent), len(q.done))
		}
	})
}
