//go:build long

package archive

import (
	"crypto/x509"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"oshirase/letters/archive/s3test"
)

func gateway(s *s3test.Server) BucketConfig {
	return BucketConfig{URL: s.Bucket + "/home", AccessKey: s3test.Access, SecretKey: s3test.Secret}
}

// TestRealBucket holds a real S3 server to what an archive promises.
func TestRealBucket(t *testing.T) {
	t.Parallel()
	c := gateway(s3test.Start(t))
	exerciseBucket(t, c)
	stranger, none := c, c
	stranger.SecretKey = "wrong"
	none.URL = strings.Replace(c.URL, "/letters/", "/none/", 1)
	if _, err := OpenBucket(t.Context(), stranger); err == nil {
		t.Error("another's key opened the bucket")
	}
	if _, err := OpenBucket(t.Context(), none); err == nil {
		t.Error("a bucket that does not exist was opened")
	}
}

func pool(t *testing.T, a *s3test.Authority) *x509.CertPool {
	t.Helper()
	pem, err := os.ReadFile(a.File)
	if err != nil {
		t.Fatal(err)
	}
	p := x509.NewCertPool()
	p.AppendCertsFromPEM(pem)
	return p
}

// TestRealBucketOverTLS: the same over TLS, with the house's own authority;
// and a certificate that does not fit is refused before anything is sent.
func TestRealBucketOverTLS(t *testing.T) {
	t.Parallel()
	ours, others := s3test.NewAuthority(t), s3test.NewAuthority(t)
	soon := time.Now().Add(time.Hour)
	good := gateway(s3test.Start(t, ours.Certificate(t, "127.0.0.1", soon)...))
	good.Roots = pool(t, ours)
	exerciseBucket(t, good)
	unknown, system := good, good
	unknown.Roots, system.Roots = pool(t, others), nil
	host := gateway(s3test.Start(t, ours.Certificate(t, "archive.example.jp", soon)...))
	old := gateway(s3test.Start(t, ours.Certificate(t, "127.0.0.1", time.Now().Add(-time.Hour))...))
	host.Roots, old.Roots = good.Roots, good.Roots
	for name, c := range map[string]BucketConfig{"another authority": unknown, "the system's authorities": system, "another host": host, "expired": old} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := OpenBucket(t.Context(), c); !errors.Is(err, ErrCertificate) {
				t.Errorf("%v, want ErrCertificate", err)
			}
		})
	}
	plain := good
	plain.URL = strings.Replace(good.URL, "https:", "http:", 1)
	if _, err := OpenBucket(t.Context(), plain); err == nil {
		t.Error("in plain a TLS server was opened")
	}
}
