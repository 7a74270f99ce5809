package archive

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Errors of a store that cannot be used.
var (
	// ErrBadURL says that a store's address is not https://HOST/BUCKET or
	// https://HOST/BUCKET/PREFIX, or that it is http beyond this machine.
	ErrBadURL = errors.New("not the address of a bucket")
	// ErrOverwrites says that the store writes over what is there although it
	// was told not to: nothing would be kept in it as it was written.
	ErrOverwrites = errors.New("the store does not keep what was written first")
	// ErrCertificate says that the store's certificate is not of one whom we
	// know, or of another host: nothing was sent to it.
	ErrCertificate = errors.New("the store's certificate cannot be relied on")
)

// Bucket is an archive in an S3-compatible store, for workers on several
// machines. What holds of Archive holds of it: a name is written once, whole or
// not at all; the same bytes again are fine, others are ErrExists.
type Bucket struct {
	client *minio.Core
	bucket string
	prefix string
	ctx    context.Context
}

// BucketConfig says where the bucket is and who may write to it.
type BucketConfig struct {
	URL       string // https://HOST[:PORT]/BUCKET[/PREFIX]; http on this machine only
	Region    string // "" = us-east-1, which most stores other than AWS take
	AccessKey string
	SecretKey string
	Roots     *x509.CertPool    // who may vouch for the store's certificate; nil = the system's
	Transport http.RoundTripper // nil = the usual, over TLS 1.2 or newer
}

// tries is how often a request is made before the store counts as away: with
// the pauses between, some seconds.
const tries = 4

// OpenBucket opens a bucket to write into and tries the store out: it must
// refuse to write over an object. Every request ends with ctx.
func OpenBucket(ctx context.Context, c BucketConfig) (*Bucket, error) {
	b, err := ReadBucket(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := b.probe(); err != nil {
		return nil, fmt.Errorf("open archive: %w", err)
	}
	return b, nil
}

// ReadBucket opens a bucket to read from. It asks nothing of the store yet.
func ReadBucket(ctx context.Context, c BucketConfig) (*Bucket, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return nil, ErrBadURL
	}
	bucket, prefix, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if bucket == "" || u.Scheme != "https" && (u.Scheme != "http" || !thisMachine(u.Hostname())) {
		return nil, ErrBadURL
	}
	if prefix != "" {
		if err := CheckName(prefix); err != nil {
			return nil, ErrBadURL
		}
		prefix += "/"
	}
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	if c.Transport == nil {
		if c.Transport, err = transport(u.Scheme == "https", c.Roots); err != nil {
			return nil, fmt.Errorf("open archive: %w", err)
		}
	}
	client, err := minio.NewCore(u.Host, &minio.Options{Creds: credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""), MaxRetries: tries,
		Secure: u.Scheme == "https", Region: c.Region, BucketLookup: minio.BucketLookupPath, Transport: c.Transport})
	if err != nil {
		return nil, ErrBadURL
	}
	return &Bucket{client: client, bucket: bucket, prefix: prefix, ctx: ctx}, nil
}

func transport(secure bool, roots *x509.CertPool) (http.RoundTripper, error) {
	t, err := minio.DefaultTransport(secure)
	if err != nil {
		return nil, err
	}
	if secure {
		t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	}
	return t, nil
}

func thisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// probe writes one object twice: the second time must be refused.
func (b *Bucket) probe() error {
	name := "probe-" + strings.ToLower(rand.Text())
	defer func() {
		_ = b.client.RemoveObject(context.WithoutCancel(b.ctx), b.bucket, b.prefix+name, minio.RemoveObjectOptions{})
	}()
	for i, content := range []string{"first", "second"} {
		sum := sha256.Sum256([]byte(content))
		err := b.write(name, strings.NewReader(content), Entry{Name: name, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])})
		switch {
		case i == 0 && err != nil:
			return err
		case i == 1 && err == nil:
			return ErrOverwrites
		case i == 1 && !isTaken(err):
			return err
		}
	}
	return nil
}

// Put is Archive's. The file is made in memory, since a letter is small and
// its hash must be known before it is sent.
func (b *Bucket) Put(name string, write func(io.Writer) error) (Entry, error) {
	if err := CheckName(name); err != nil {
		return Entry{}, err
	}
	var buf bytes.Buffer
	if err := write(&buf); err != nil {
		return Entry{}, fmt.Errorf("put %s: %w", name, err)
	}
	sum := sha256.Sum256(buf.Bytes())
	entry := Entry{Name: name, SHA256: hex.EncodeToString(sum[:]), Size: int64(buf.Len())}
	err := b.write(name, bytes.NewReader(buf.Bytes()), entry)
	if isTaken(err) {
		var there Entry
		if there, err = b.Stat(name); err == nil && there != entry {
			err = ErrExists
		}
	}
	if err != nil {
		return Entry{}, fmt.Errorf("put %s: %w", name, err)
	}
	return entry, nil
}

// write sends an object in one request, on the condition that there is none of
// its name. Its SHA-256 is signed with it, and the store checks what arrives.
func (b *Bucket) write(name string, r io.Reader, e Entry) error {
	o := minio.PutObjectOptions{ContentType: "application/octet-stream", DisableContentSha256: true, // one hash for all, not one a piece
		UserMetadata: map[string]string{"sha256": e.SHA256}}
	o.SetMatchETagExcept("*")
	_, err := b.client.PutObject(b.ctx, b.bucket, b.prefix+name, r, e.Size, "", e.SHA256, o)
	return plain(err)
}

// Get is Archive's.
func (b *Bucket) Get(name string) (io.ReadCloser, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	o, err := b.client.Client.GetObject(b.ctx, b.bucket, b.prefix+name, minio.GetObjectOptions{})
	if err == nil {
		_, err = o.Stat() // GetObject itself asks for nothing yet
	}
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", name, plain(err))
	}
	return o, nil
}

// Stat is Archive's: it reads the object through.
func (b *Bucket) Stat(name string) (Entry, error) {
	r, err := b.Get(name)
	if err != nil {
		return Entry{}, err
	}
	defer r.Close() // only read
	sum := sha256.New()
	n, err := io.Copy(sum, r)
	if err != nil {
		return Entry{}, fmt.Errorf("stat %s: %w", name, plain(err))
	}
	return Entry{Name: name, SHA256: hex.EncodeToString(sum.Sum(nil)), Size: n}, nil
}

// Content is Archive's.
func (b *Bucket) Content(name, sha string) ([]byte, error) {
	r, err := b.Get(name)
	if err != nil {
		return nil, err
	}
	return content(r, name, sha)
}

// Verify is Archive's.
func (b *Bucket) Verify(name, sha string) error {
	e, err := b.Stat(name)
	if err == nil && e.SHA256 != sha {
		err = fmt.Errorf("verify %s: %w", name, ErrMismatch)
	}
	return err
}

// Forget is Archive's. What a store with versions keeps of old ones is its own
// affair.
func (b *Bucket) Forget(folder string) error {
	if err := CheckName(folder); err != nil {
		return err
	}
	list := b.client.Client.ListObjects(b.ctx, b.bucket, minio.ListObjectsOptions{Prefix: b.prefix + folder + "/", Recursive: true})
	for o := range list {
		err := o.Err
		if err == nil {
			err = b.client.RemoveObject(b.ctx, b.bucket, o.Key, minio.RemoveObjectOptions{})
		}
		if err != nil {
			return fmt.Errorf("forget %s: %w", folder, plain(err))
		}
	}
	return nil
}

// errTaken is the store's answer that an object of that name is there.
var errTaken = errors.New("the name is taken")

func isTaken(err error) bool { return errors.Is(err, errTaken) }

// plain turns the store's answers into the errors of the package. Texts of the
// store are kept out: they may hold keys and addresses.
func plain(err error) error {
	if err == nil {
		return nil
	}
	if _, bad := errors.AsType[*tls.CertificateVerificationError](err); bad {
		return ErrCertificate
	}
	answer, ok := errors.AsType[minio.ErrorResponse](err)
	switch {
	case !ok:
		return err
	case answer.StatusCode == http.StatusPreconditionFailed, answer.StatusCode == http.StatusConflict:
		return errTaken
	case answer.StatusCode == http.StatusNotFound && answer.Code == minio.NoSuchKey:
		return os.ErrNotExist
	}
	return fmt.Errorf("the store answers %d %s", answer.StatusCode, answer.Code)
}
