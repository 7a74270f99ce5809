package email

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// certificate is one for 127.0.0.1, and the roots that trust it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "relay.example.jp"}, IsCA: true,
		BasicConstraintsValid: true, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// counting is a mail server that counts mails, and those that came in the clear.
type counting struct {
	conn        *smtp.Conn
	took, clear *atomic.Int32
}

func (counting) Reset()                               {}
func (counting) Logout() error                        { return nil }
func (counting) Mail(string, *smtp.MailOptions) error { return nil }
func (counting) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (c counting) Data(r io.Reader) error {
	c.took.Add(1)
	if _, protected := c.conn.TLSConnectionState(); !protected {
		c.clear.Add(1)
	}
	_, err := io.Copy(io.Discard, r)
	return err
}

// TestMailsAreProtected: over STARTTLS and TLS from the first byte mails
// arrive protected; with a certificate that nobody vouches for none arrives.
func TestMailsAreProtected(t *testing.T) {
	t.Parallel()
	cert, roots := certificate(t)
	for _, mode := range []TLS{StartTLS, ImplicitTLS} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		var took, clear atomic.Int32
		s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return counting{c, &took, &clear}, nil }))
		s.Domain, s.ErrorLog, s.TLSConfig = "relay.example.jp", log.New(io.Discard, "", 0), &tls.Config{Certificates: []tls.Certificate{cert}}
		if mode == ImplicitTLS {
			l = tls.NewListener(l, s.TLSConfig)
		}
		done := make(chan error, 1)
		go func() { done <- s.Serve(l) }()
		for _, c := range []struct {
			name  string
			roots *x509.CertPool
			want  Kind
		}{{"a certificate we trust", roots, Accepted}, {"one that nobody vouches for", x509.NewCertPool(), NotSent}} {
			sender, err := NewSender(Config{Host: "127.0.0.1", Port: port, TLS: mode, Helo: "mail.example.jp",
				TLSConfig: &tls.Config{ServerName: "127.0.0.1", RootCAs: c.roots, MinVersion: tls.VersionTLS12}})
			if err != nil {
				t.Fatal(err)
			}
			if out := sender.Send(t.Context(), sample(), func() error { return nil }); out.Kind != c.want {
				t.Errorf("%s, %s: %+v, want %s", mode, c.name, out, c.want)
			}
			sender.Close()
		}
		if took.Load() != 1 || clear.Load() != 0 {
			t.Errorf("%s: %d mails came, %d in the clear, want one protected", mode, took.Load(), clear.Load())
		}
		s.Close()
		<-done
	}
}
