package email

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// ErrKeyFile says that a DKIM key can be read by others than its owner.
var ErrKeyFile = errors.New("key file must have mode 0600")

// NewDKIM returns a DKIM signature (RFC 6376, relaxed/relaxed) with the RSA or
// Ed25519 key of a PEM file (PKCS#1 or PKCS#8, mode 0600). The signature's
// time is the mail's date, and From, To, Subject and Date are oversigned: a
// second one cannot be added on the way.
func NewDKIM(domain, selector, keyFile string) (Sign, error) {
	pem, err := readKey(keyFile)
	if err != nil {
		return nil, err
	}
	key, err := gomail.PrivKeyFromPEM(pem)
	if err != nil {
		return nil, errors.New("read DKIM key: not an RSA or Ed25519 key in PEM")
	}
	return func(message []byte, at time.Time) ([]byte, error) {
		// The signer keeps state while signing, so every message gets its own.
		signer := gomail.NewDKIMSigner(domain, selector, key)
		signer.NowFunc = func() time.Time { return at }
		signer.SignHeaders("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version",
			"Content-Type", "Auto-Submitted")
		signer.OversignHeaders("From", "To", "Subject", "Date")
		head, body, ok := bytes.Cut(message, []byte("\r\n\r\n"))
		if !ok {
			return nil, errors.New("message has no body")
		}
		signature, err := signer.Sign(append(bytes.Clone(head), "\r\n"...), body)
		if err != nil {
			return nil, errors.New("sign message") // the library's text may quote a header
		}
		return append([]byte(refold(signature)), message...), nil
	}, nil
}

// refold breaks the signature's lines where it may be broken. go-mail 0.8.1
// breaks a tag longer than a line in its middle and signs it unbroken: a space
// within the list of fields (h=), after which no verifier accepts it.
func refold(signature string) string {
	value := strings.ReplaceAll(strings.TrimSuffix(signature, "\r\n"), "\r\n ", "")
	tags := strings.Split(value, "; ")
	last := len(tags) - 1
	tags[last] = wrap(tags[last]) // b=: verifiers take it without its spaces
	return strings.Join(tags, ";\r\n ") + "\r\n"
}

func wrap(s string) string {
	const width = 72
	var b strings.Builder
	for len(s) > width {
		b.WriteString(s[:width] + "\r\n ")
		s = s[width:]
	}
	return b.String() + s
}

func readKey(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("DKIM key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("DKIM key: %w", ErrKeyFile)
	}
	return os.ReadFile(path)
}
