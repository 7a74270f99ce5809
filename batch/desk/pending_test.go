package desk

import (
	"crypto/rand"
	"net/url"
	"testing"
	"time"
)

// TestOnePersonsFormsPushNobodysOut: somebody who sends form after form with
// an old session loses their own oldest, and nobody else's.
func TestOnePersonsFormsPushNobodysOut(t *testing.T) {
	t.Parallel()
	p, now := newPendingForms(), time.Unix(1_700_000_000, 0)
	keep := func(user, typed string) string {
		now = now.Add(time.Second)
		key, err := p.keep(pendingForm{user, "/search", url.Values{"name": {typed}}, now}, rand.Reader)
		must(t, err)
		return key
	}
	mine, theirs := keep("kana", "first"), keep("mika", "hers")
	var last string
	for range 2 * pendingMost {
		last = keep("kana", "again")
	}
	if f, ok := p.take(theirs, "mika", now); !ok || f.form.Get("name") != "hers" {
		t.Error("somebody else's form is gone")
	}
	if _, ok := p.take(mine, "kana", now); ok {
		t.Error("one person fills the desk's memory")
	}
	if _, ok := p.take(last, "kana", now); !ok {
		t.Error("the newest form is gone")
	}
}
