package email

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
)

// keyFile writes a private key as people get it, and returns the DNS record
// of its public half.
func keyFile(t *testing.T, kind string, mode os.FileMode) (path, record string) {
	t.Helper()
	var private any
	var public []byte
	switch kind {
	case "rsa":
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		private = key
		if public, err = x509.MarshalPKIXPublicKey(&key.PublicKey); err != nil {
			t.Fatal(err)
		}
	case "ed25519":
		pub, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		private, public = key, pub
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "dkim.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), mode); err != nil {
		t.Fatal(err)
	}
	return path, "v=DKIM1; k=" + kind + "; p=" + base64.StdEncoding.EncodeToString(public)
}

// TestSignatureHolds: another maker's verifier accepts a signed mail, and
// refuses it after any change and after a second From or Subject is added.
func TestSignatureHolds(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"rsa", "ed25519"} {
		path, record := keyFile(t, kind, 0o600)
		sign, err := NewDKIM("example.jp", "s1", path)
		if err != nil {
			t.Fatal(err)
		}
		s := settings()
		s.Sign = sign
		envelope, err := s.Compose(sampleMail(t))
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.Compose(sampleMail(t))
		if err != nil || kind == "rsa" && !bytes.Equal(again.Message, envelope.Message) {
			t.Errorf("%s: the same letter is signed in other bytes (%v)", kind, err)
		}
		good := string(envelope.Message)
		for name, message := range map[string]string{
			"as composed":      good,
			"another subject":  strings.Replace(good, "\r\nSubject:", "\r\nSubject: x", 1),
			"another body":     strings.Replace(good, "JVBERi", "JVBERj", 1),
			"a second From":    strings.Replace(good, "\r\nFrom:", "\r\nFrom: <a@example.jp>\r\nFrom:", 1),
			"a second Subject": strings.Replace(good, "\r\nSubject:", "\r\nSubject: x\r\nSubject:", 1),
		} {
			found, err := dkim.VerifyWithOptions(strings.NewReader(message), &dkim.VerifyOptions{LookupTXT: func(domain string) ([]string, error) {
				if domain != "s1._domainkey.example.jp" {
					return nil, errors.New("no such record")
				}
				return []string{record}, nil
			}})
			if name != "as composed" && message == good {
				t.Fatalf("%s changed nothing", name)
			}
			if err != nil || len(found) != 1 {
				t.Fatalf("%s, %s: %d signatures, %v", kind, name, len(found), err)
			}
			if holds := found[0].Err == nil; holds != (name == "as composed") {
				t.Errorf("%s, %s: signature holds: %v (%v)", kind, name, holds, found[0].Err)
			}
			if found[0].Domain != "example.jp" {
				t.Errorf("%s: domain %s", kind, found[0].Domain)
			}
		}
	}
}

func TestKeyThatOthersCanRead(t *testing.T) {
	t.Parallel()
	path, _ := keyFile(t, "rsa", 0o640)
	if _, err := NewDKIM("example.jp", "s1", path); !errors.Is(err, ErrKeyFile) {
		t.Errorf("key of mode 0640: %v, want ErrKeyFile", err)
	}
}
