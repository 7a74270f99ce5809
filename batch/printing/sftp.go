package printing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
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
	config, err := s.config()
	if err != nil {
		return nil, nil, err
	}
	address := net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
	raw, err := (&net.Dialer{Timeout: 30 * time.Second}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, nil, fmt.Errorf("connect to the printer's server: %w", unsaid(err))
	}
	quiet := newPatient(raw)
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

func (s Server) config() (*ssh.ClientConfig, error) {
	pem, err := os.ReadFile(s.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	key, err := ssh.ParsePrivateKey(pem)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	check, err := s.hostKeys()
	if err != nil {
		return nil, err
	}
	return &ssh.ClientConfig{User: s.User, Auth: []ssh.AuthMethod{ssh.PublicKeys(key)}, Timeout: 30 * time.Second,
		HostKeyCallback: func(name string, remote net.Addr, key ssh.PublicKey) error {
			if err := check(name, remote, key); err != nil {
				return fmt.Errorf("%w: %w", ErrHostKey, err)
			}
			return nil
		}}, nil
}

func (s Server) hostKeys() (ssh.HostKeyCallback, error) {
	if s.HostKey == "" {
		check, err := knownhosts.New(s.KnownHosts)
		if err != nil {
			return nil, fmt.Errorf("read known hosts: %w", err)
		}
		return check, nil
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(s.HostKey))
	if err != nil {
		return nil, fmt.Errorf("read host key: %w", err)
	}
	return ssh.FixedHostKey(key), nil
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
