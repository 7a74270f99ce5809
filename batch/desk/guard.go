package desk

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// bodyMost is how much a form may hold; the desk takes in no files.
const bodyMost = 256 << 10

// guarded puts around the routes what every request passes.
func (d *Desk) guarded(routes http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.fail(d.visit(Route{Path: "cross-origin", Public: true}, w, r), refuse(http.StatusForbidden, "cross_site"))
	}))
	return d.traced(d.headers(d.known(cross.Handler(d.sameSite(routes)))))
}

// traced numbers the request, survives a panic in it, and logs it: by number
// and path pattern, never by what was sent.
func (d *Desk) traced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := d.o.Now()
		id, err := d.drawID()
		if err != nil {
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), requestID{}, id))
		watched := &statusWriter{ResponseWriter: w}
		defer func() {
			if p := recover(); p != nil {
				d.panicked(watched, r, p)
			}
			d.o.Log.LogAttrs(r.Context(), slog.LevelInfo, "desk request", slog.String("request", id),
				slog.String("route", r.Pattern), slog.Int("status", watched.status),
				slog.Int64("ms", d.o.Now().Sub(began).Milliseconds()))
			if d.o.Answered != nil {
				d.o.Answered(watched.status)
			}
		}()
		next.ServeHTTP(watched, r)
	})
}

// panicked logs the kind of a panic, not its value, which may hold anything.
func (d *Desk) panicked(w *statusWriter, r *http.Request, p any) {
	v := d.visit(Route{Path: "panic", Public: true}, w, r)
	err := fmt.Errorf("panic of type %T", p)
	if w.status != 0 {
		d.o.Log.LogAttrs(r.Context(), slog.LevelError, "desk request failed", slog.String("request", v.id), slog.String("error", err.Error()))
		return
	}
	d.fail(v, err)
}

type requestID struct{}

func (d *Desk) drawID() (string, error) {
	raw := make([]byte, 6)
	_, err := io.ReadFull(d.o.Random, raw)
	return hex.EncodeToString(raw), err
}

// statusWriter remembers the status for the log.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// headers are on every answer. The referrer is kept within the desk rather
// than left out: without one a form's Origin is "null", and browsers too old
// for Sec-Fetch-Site could not be told from another site.
func (d *Desk) headers(next http.Handler) http.Handler {
	policy := "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; object-src 'none'; " +
		"base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
		h.Set("Cache-Control", "no-store")
		if d.o.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		r.Body = http.MaxBytesReader(w, r.Body, bodyMost)
		next.ServeHTTP(w, r)
	})
}

// known refuses requests under a name that is not the desk's, so that no
// other site's name can be pointed at it, and, behind a proxy, those that go
// round it.
func (d *Desk) known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !d.knownHost(r.Host) || !d.throughProxy(r) {
			d.fail(d.visit(Route{Path: "host", Public: true}, w, r), refuse(http.StatusMisdirectedRequest, "host"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (d *Desk) knownHost(host string) bool {
	if d.o.PublicURL != nil && strings.EqualFold(host, d.o.PublicURL.Host) {
		return true
	}
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	ip, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return name == "localhost" || err == nil && ip.IsLoopback()
}

func (d *Desk) throughProxy(r *http.Request) bool {
	from := remote(r)
	return len(d.o.Proxies) == 0 || from.IsLoopback() || d.trusts(from)
}

func (d *Desk) trusts(ip netip.Addr) bool {
	for _, p := range d.o.Proxies {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

func remote(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap()
}

// clientOf is the browser's address: the last one in X-Forwarded-For that no
// trusted proxy wrote for itself, or who is connected.
func (d *Desk) clientOf(r *http.Request) string {
	from := remote(r)
	if !d.trusts(from) {
		return from.String()
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		ip, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		if from = ip.Unmap(); !d.trusts(from) {
			break
		}
	}
	return from.String()
}

// sameSite refuses a change of state that says nothing of where it comes
// from: CrossOriginProtection lets it pass for the sake of programs, and the
// desk is for browsers, all of which send one or the other.
func (d *Desk) sameSite(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Header.Get("Sec-Fetch-Site") == "" && !d.ownOrigin(r) {
			d.fail(d.visit(Route{Path: "cross-origin", Public: true}, w, r), refuse(http.StatusForbidden, "cross_site"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (d *Desk) ownOrigin(r *http.Request) bool {
	u, err := url.Parse(r.Header.Get("Origin"))
	return err == nil && u.Host != "" && u.Host == r.Host
}

// visit gathers what is known of a request before anybody is asked.
func (d *Desk) visit(route Route, w http.ResponseWriter, r *http.Request) *Visit {
	id, _ := r.Context().Value(requestID{}).(string)
	return &Visit{d: d, w: w, r: r, route: route, id: id, client: d.clientOf(r)}
}

// Timeouts of the server, so that nobody holds a connection for nothing.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 90 * time.Second
	idleTimeout   = 120 * time.Second
	headerMost    = 32 << 10
)
