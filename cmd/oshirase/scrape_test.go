package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// freePort is an address of this machine at which nobody listens. Its port lies
// below those that the system gives to connections, of which one could take it
// before it is listened at.
func freePort(t *testing.T) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 15_000+rand.IntN(5_000)))
		if err == nil {
			defer l.Close()
			return l.Addr().String()
		}
	}
	t.Fatal("no port is free")
	return ""
}

// samples are the figures of one scrape, by name and labels as Prometheus's
// own reader has them: oshirase_letters{channel="email",state="accepted"}.
type samples map[string]float64

// plainLabel is what a label may hold: codes, versions, statuses.
var plainLabel = regexp.MustCompile(`^[A-Za-z0-9_.-]*$`)

// scrape asks a running process for its figures. ok is false while nobody
// answers there.
func scrape(t *testing.T, address string) (got samples, ok bool) {
	t.Helper()
	res, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		return nil, false
	}
	defer res.Body.Close()
	p := expfmt.NewTextParser(model.LegacyValidation)
	families, err := p.TextToMetricFamilies(res.Body)
	if err != nil {
		t.Fatalf("not Prometheus's text form: %v", err)
	}
	got = samples{}
	for name, f := range families {
		if !strings.HasPrefix(name, "oshirase_") {
			continue
		}
		for _, m := range f.GetMetric() {
			labels := model.LabelSet{}
			for _, l := range m.GetLabel() {
				if !plainLabel.MatchString(l.GetValue()) {
					t.Errorf("%s has the label %s = %q", name, l.GetName(), l.GetValue())
				}
				labels[model.LabelName(l.GetName())] = model.LabelValue(l.GetValue())
			}
			key := name
			if len(labels) > 0 {
				key += strings.ReplaceAll(labels.String(), ", ", ",")
			}
			got[key] = m.GetGauge().GetValue() + m.GetCounter().GetValue() + m.GetUntyped().GetValue()
		}
	}
	return got, true
}

// until scrapes until the figures say what is waited for.
func until(t *testing.T, address, what string, reached func(samples) bool) samples {
	t.Helper()
	var last samples
	for begun := time.Now(); time.Since(begun) < stepLasts; {
		if got, ok := scrape(t, address); ok {
			if reached(got) {
				return got
			}
			last = got
		}
	}
	t.Fatalf("never: %s; at last %v", what, last)
	return nil
}

func health(t *testing.T, address string) int {
	t.Helper()
	res, err := http.Get("http://" + address + "/health")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode
}
