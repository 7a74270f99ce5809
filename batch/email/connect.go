package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// TLS says how a connection is protected.
type TLS string

const (
	StartTLS    TLS = "starttls" // default; required, never optional
	ImplicitTLS TLS = "implicit" // from the first byte (port 465)
	NoTLS       TLS = "none"     // to a loopback address only
)

// ErrPlain says that mail would leave the machine without TLS.
var ErrPlain = errors.New("mail without TLS goes to a loopback address only")

// Config is one mail server: the company's own relay.
type Config struct {
	Host         string
	Port         int
	TLS          TLS
	TLSConfig    *tls.Config // nil = the system's roots and Host
	Helo         string      // our name in EHLO; the machine's own name never goes out
	User         string      // "" = no log-in
	PasswordFile string      // mode 0600

	DialTimeout    time.Duration // 0 = 30 s: dial, greeting, TLS and log-in
	CommandTimeout time.Duration // 0 = 5 min (RFC 5321 section 4.5.3.2)
	DotTimeout     time.Duration // 0 = 10 min, the least that section asks for

	StopGrace          time.Duration // 0 = 10 s: how long an answer is awaited after a stop was asked for
	MailsPerConnection int           // 0 = 100, what the carriers put up with
}

func (c Config) withDefaults() Config {
	orDefault := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	orDefault(&c.DialTimeout, 30*time.Second)
	orDefault(&c.CommandTimeout, 5*time.Minute)
	orDefault(&c.DotTimeout, 10*time.Minute)
	orDefault(&c.StopGrace, 10*time.Second)
	if c.MailsPerConnection == 0 {
		c.MailsPerConnection = 100
	}
	if c.TLS == "" {
		c.TLS = StartTLS
	}
	if c.TLSConfig == nil {
		c.TLSConfig = &tls.Config{ServerName: c.Host, MinVersion: tls.VersionTLS12}
	}
	return c
}

// Check returns ErrPlain for a server that is not on a loopback address and
// has no TLS, and an error naming the setting for anything else amiss.
func (c Config) Check() error {
	switch {
	case c.Host == "" || c.Port < 1 || c.Port > 65535:
		return errors.New("mail server: host and port must be set")
	case c.Helo == "" || strings.ContainsFunc(c.Helo, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("mail server: helo must be set to the sending domain")
	case c.TLS == NoTLS && !isLoopback(c.Host):
		return fmt.Errorf("mail server: %w", ErrPlain)
	case c.TLS != "" && c.TLS != NoTLS && c.TLS != StartTLS && c.TLS != ImplicitTLS:
		return errors.New("mail server: tls must be starttls, implicit or none")
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback() || host == "localhost"
}

// connection is one open SMTP connection. raw is kept beside go-mail's client
// because only it can be dropped without a further word.
type connection struct {
	*smtp.Client
	raw net.Conn
}

// drop ends the connection at once: a reset, no QUIT, no TLS farewell, and
// nothing that is still buffered goes out.
func (c *connection) drop() {
	if t, ok := c.raw.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.raw.Close()
}

// connect dials, greets, starts TLS and logs in.
func (c Config) connect(ctx context.Context) (*connection, error) {
	var raw net.Conn
	release := func() bool { return true }
	dial := func(dialing context.Context, network, addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(dialing, network, addr)
		if err != nil {
			return nil, err
		}
		raw = conn
		release = context.AfterFunc(ctx, func() { _ = conn.Close() }) // a greeting may hang
		return c.protect(dialing, conn)
	}
	client, err := c.client(dial)
	if err != nil {
		return nil, err
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	release()
	if err != nil {
		if raw != nil {
			_ = raw.Close() // go-mail leaves it open
		}
		return nil, err
	}
	return &connection{Client: session, raw: raw}, nil
}

// protect wraps the connection for implicit TLS and refuses a name that leads
// elsewhere than to a loopback address when there is no TLS.
func (c Config) protect(ctx context.Context, conn net.Conn) (net.Conn, error) {
	switch c.TLS {
	case NoTLS:
		if tcp, ok := conn.RemoteAddr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
			_ = conn.Close()
			return nil, ErrPlain
		}
	case ImplicitTLS:
		protected := tls.Client(conn, c.TLSConfig)
		if err := protected.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return nil, err
		}
		return protected, nil
	}
	return conn, nil
}

func (c Config) client(dial gomail.DialContextFunc) (*gomail.Client, error) {
	policy := gomail.NoTLS
	if c.TLS == StartTLS {
		policy = gomail.TLSMandatory
	}
	options := []gomail.Option{
		gomail.WithPort(c.Port), gomail.WithHELO(c.Helo), gomail.WithTimeout(c.DialTimeout),
		gomail.WithTLSPolicy(policy), gomail.WithTLSConfig(c.TLSConfig),
		gomail.WithoutSMTPUTF8(), gomail.WithDialContextFunc(dial),
	}
	if c.User != "" {
		password, err := os.ReadFile(c.PasswordFile)
		if err != nil {
			return nil, fmt.Errorf("mail server password: %w", err)
		}
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthPlain),
			gomail.WithUsername(c.User), gomail.WithPassword(strings.TrimRight(string(password), "\r\n")))
	}
	return gomail.NewClient(c.Host, options...)
}
