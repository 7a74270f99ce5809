package desk

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// shutdownLimit is how long Serve waits for answers under way: within the 30
// seconds that every command ends in.
const shutdownLimit = 25 * time.Second

// Serve answers requests at the listener until ctx ends, lets those under way
// finish, and returns. With a TLS configuration the listener speaks TLS.
func (d *Desk) Serve(ctx context.Context, l net.Listener, secure *tls.Config) error {
	server := &http.Server{Handler: d, TLSConfig: secure, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout,
		WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: headerMost, ErrorLog: d.serverLog()}
	done := make(chan error, 1)
	go func() {
		if secure != nil {
			done <- server.ServeTLS(l, "", "")
			return
		}
		done <- server.Serve(l)
	}()
	select {
	case err := <-done:
		return fmt.Errorf("serve desk: %w", err)
	case <-ctx.Done():
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownLimit)
	defer cancel()
	err := server.Shutdown(limited)
	if err != nil {
		err = errors.Join(err, server.Close())
	}
	if served := <-done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// serverLog takes what net/http says of connections into the desk's log.
func (d *Desk) serverLog() *log.Logger { return slog.NewLogLogger(d.o.Log.Handler(), slog.LevelWarn) }
