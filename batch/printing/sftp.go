package printing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// Server is the printer's SFTP server. Its host key is known beforehand, in
// one of two ways; there is no trust on first use.
type Server struct {
	Host       string
	Port       int
	User       string
	KeyFile    string // our private key, without passphrase, mode 0600
	HostKey    string // its public key as in authorized_keys: ssh-ed25519 AAAA…
	KnownHosts string // or a file in the form of known_hosts
}

// ErrHostKey says that the server's key is not the one that is known.
var ErrHostKey = errors.New("host key of the printer's server is not the known one")

// silence is how long a server may say nothing before the connection is cut.
const silence = 2 * time.Minute

// Dial opens an SFTP session. The caller closes what is returned.
func (s Server) Dial(ctx context.Context) (*sftp.Client, io.Closer, error) {
	address := net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
	config, err := s.config(address)
	if err != nil {
		return nil, nil, err
	}
	raw, err := (&net.Dialer{Timeout: 30 * time.Second}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, nil, fmt.Errorf("connect to the printer's server: %w", unsaid(err))
	}
	quiet := newPatient(raw)
	defer context.AfterFunc(ctx, func() { _ = quiet.Close() })() // a stop does not wait for a mute server
	conn, channels, requests, err := ssh.NewClientConn(quiet, address, config)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("sign in to the printer's server: %w", unsaid(err)), quiet.Close())
	}
	client := ssh.NewClient(conn, channels, requests)
	session, err := sftp.NewClient(client)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open SFTP: %w", unsaid(err)), client.Close())
	}
	return session, client, nil
}

func (s Server) config(address string) (*ssh.ClientConfig, error) {
	pem, err := os.ReadFile(s.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	key, err := ssh.ParsePrivateKey(pem)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	check, kinds, err := s.hostKeys(address)
	if err != nil {
		return nil, err
	}
	return &ssh.ClientConfig{User: s.User, Auth: []ssh.AuthMethod{ssh.PublicKeys(key)}, Timeout: 30 * time.Second,
		HostKeyAlgorithms: preferring(kinds),
		HostKeyCallback: func(name string, remote net.Addr, key ssh.PublicKey) error {
			if err := check(name, remote, key); err != nil {
				return fmt.Errorf("%w: %w", ErrHostKey, err)
			}
			return nil
		}}, nil
}

// hostKeys returns the check of the server's key, and of which kinds the known
// keys are.
func (s Server) hostKeys(address string) (ssh.HostKeyCallback, []string, error) {
	if s.HostKey == "" {
		check, err := knownhosts.New(s.KnownHosts)
		if err != nil {
			return nil, nil, fmt.Errorf("read known hosts: %w", err)
		}
		return check, knownKinds(check, address), nil
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(s.HostKey))
	if err != nil {
		return nil, nil, fmt.Errorf("read host key: %w", err)
	}
	return ssh.FixedHostKey(key), []string{key.Type()}, nil
}

// nobody is a host key that no file knows.
type nobody struct{ ssh.PublicKey }

func (nobody) Type() string    { return "" }
func (nobody) Marshal() []byte { return nil }

// knownKinds asks a file of known hosts by a key that it cannot know, and
// learns from the refusal which ones it does.
func knownKinds(check ssh.HostKeyCallback, address string) []string {
	var refusal *knownhosts.KeyError
	if !errors.As(check(address, &net.TCPAddr{}, nobody{}), &refusal) {
		return nil
	}
	var kinds []string
	for _, known := range refusal.Want {
		kinds = append(kinds, known.Key.Type())
	}
	return kinds
}

// preferring puts the known kinds of host keys first. A server has several
// keys, mostly one of each kind, and shows the first kind that is asked for:
// asked as the library does by itself, it would show one that nobody knows.
func preferring(kinds []string) []string {
	unknown := func(algorithm string) int {
		if algorithm == ssh.KeyAlgoRSASHA256 || algorithm == ssh.KeyAlgoRSASHA512 {
			algorithm = ssh.KeyAlgoRSA
		}
		if slices.Contains(kinds, algorithm) {
			return 0
		}
		return 1
	}
	all := ssh.SupportedAlgorithms().HostKeys
	slices.SortStableFunc(all, func(a, b string) int { return unknown(a) - unknown(b) })
	return all
}

// patient cuts a connection over which nothing has passed for silence.
type patient struct {
	net.Conn
	cut *time.Timer
}

func newPatient(c net.Conn) patient {
	return patient{c, time.AfterFunc(silence, func() { _ = c.Close() })}
}

func (p patient) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	p.cut.Reset(silence)
	return n, err
}

func (p patient) Write(b []byte) (int, error) {
	n, err := p.Conn.Write(b)
	p.cut.Reset(silence)
	return n, err
}

func (p patient) Close() error {
	p.cut.Stop()
	return p.Conn.Close()
}
