package metrics

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	vm "github.com/VictoriaMetrics/metrics"

	"oshirase/letters"
)

// ErrNotHere says that an address is not one of this machine alone.
var ErrNotHere = errors.New("metrics answer on a loopback address only")

// Ledger gives the figures.
type Ledger interface {
	Gauges(ctx context.Context) (letters.Gauges, error)
}

// Source is what is shown.
type Source struct {
	Ledger  Ledger
	Command string // work or serve
	Version string
	Journal func() int64 // number of this home's last journal line; nil = unknown here
	Desk    *Desk        // what the desk of this process did; nil = there is none
	Now     func() time.Time
}

// patience is how long the ledger may take for its figures.
const patience = 5 * time.Second

// Handler answers GET /metrics and GET /health, anything else with 404.
func (s Source) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", s.metrics)
	mux.HandleFunc("GET /health", s.health)
	return mux
}

func (s Source) metrics(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	var b bytes.Buffer
	g, err := s.Ledger.Gauges(ctx)
	s.write(&b, g, err == nil)
	vm.WriteProcessMetrics(&b)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = b.WriteTo(w) // whoever asked has gone
}

// health is 200 while the ledger answers, 503 when it does not.
func (s Source) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	state, code := "ok", http.StatusOK
	if _, err := s.Ledger.Gauges(ctx); err != nil {
		state, code = "ledger cannot be reached", http.StatusServiceUnavailable
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]string{"status": state, "command": s.Command})
}

// write writes every figure. Without the ledger's answer only that is said.
func (s Source) write(w io.Writer, g letters.Gauges, up bool) {
	gauge(w, fmt.Sprintf(`oshirase_info{command=%q,version=%q}`, s.Command, s.Version), 1)
	gauge(w, "oshirase_ledger_up", flag(up))
	if s.Journal != nil {
		gauge(w, "oshirase_journal_lines", float64(s.Journal()))
	}
	s.Desk.write(w)
	if !up {
		return
	}
	now := s.Now()
	for _, l := range g.States {
		labels := fmt.Sprintf(`{state=%q,channel=%q}`, l.State, l.Channel)
		gauge(w, "oshirase_letters"+labels, float64(l.Letters))
		gauge(w, "oshirase_oldest_seconds"+labels, max(0, ago(now, l.Since))) // clocks differ
	}
	for _, m := range g.Moves {
		labels := fmt.Sprintf(`{state=%q}`, m.State)
		vm.WriteCounterUint64(w, "oshirase_moves_total"+labels, uint64(m.Count))
		gauge(w, "oshirase_last_move_timestamp_seconds"+labels, float64(m.Last)/1e6)
	}
	gauge(w, "oshirase_last_hand_over_timestamp_seconds", lastHandOver(g.Moves))
	for _, h := range g.Homes {
		gauge(w, fmt.Sprintf(`oshirase_journal_known_lines{home=%q}`, h.Home), float64(h.N))
	}
	gauge(w, "oshirase_leases", float64(g.Leases))
	if g.Leases > 0 {
		gauge(w, "oshirase_lease_ends_in_seconds", -ago(now, g.LeaseEnds))
	}
	gauge(w, "oshirase_mail_paused", flag(g.MailPaused))
	gauge(w, "oshirase_mail_braked", flag(g.MailBraked > 0))
	gauge(w, "oshirase_restored_undecided", flag(g.Unresumed))
	gauge(w, "oshirase_open_decisions", float64(g.OpenDecision))
	for _, h := range g.Held {
		gauge(w, fmt.Sprintf(`oshirase_held_letters{reason=%q}`, h.Reason), float64(h.Letters))
	}
	for _, r := range g.Runs {
		labels := fmt.Sprintf(`{state=%q}`, r.State)
		gauge(w, "oshirase_print_runs"+labels, float64(r.Runs))
		gauge(w, "oshirase_print_run_letters"+labels, float64(r.Letters))
	}
	gauge(w, "oshirase_supervision_open", float64(g.Supervision))
}

func gauge(w io.Writer, name string, value float64) { vm.WriteGaugeFloat64(w, name, value) }

func flag(on bool) float64 {
	if on {
		return 1
	}
	return 0
}

// ago is how many seconds an instant lies back; less than 0 when it is to come.
func ago(now time.Time, us int64) float64 { return now.Sub(time.UnixMicro(us)).Seconds() }

// lastHandOver is when a letter last left the house, in seconds since 1970.
func lastHandOver(moves []letters.MoveGauge) float64 {
	last := int64(0)
	for _, m := range moves {
		if m.State == letters.Accepted || m.State == letters.HandedOver {
			last = max(last, m.Last)
		}
	}
	return float64(last) / 1e6
}

// Listen opens a port of this machine alone: a loopback address, given as
// such. Everything else is ErrNotHere.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	if err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, ErrNotHere
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if at, ok := l.Addr().(*net.TCPAddr); !ok || !at.IP.IsLoopback() {
		return nil, errors.Join(ErrNotHere, l.Close())
	}
	return l, nil
}

// Serve answers on l until the context ends.
func (s Source) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: patience, ReadTimeout: patience, IdleTimeout: time.Minute}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
