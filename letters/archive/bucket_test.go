package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
)

// exerciseBucket holds a store to everything that an archive promises. It runs
// against the small store below, and in the long tests against a real one.
func exerciseBucket(t *testing.T, c BucketConfig) {
	t.Helper()
	b, err := OpenBucket(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	put := func(name, content string) (Entry, error) {
		return b.Put(name, func(w io.Writer) error { _, err := io.WriteString(w, content); return err })
	}
	const name = "2023-02/letters/1234567890123456.g1.pdf"
	sum := sha256.Sum256([]byte("pages"))
	want := Entry{Name: name, SHA256: hex.EncodeToString(sum[:]), Size: 5}
	for _, time := range []string{"first", "again"} {
		if got, err := put(name, "pages"); err != nil || got != want {
			t.Errorf("%s: %+v, %v", time, got, err)
		}
	}
	if _, err := put(name, "other"); !errors.Is(err, ErrExists) {
		t.Errorf("other bytes under the name: %v", err)
	}
	if got, err := b.Stat(name); err != nil || got != want {
		t.Errorf("stat %+v, %v", got, err)
	}
	r, err := b.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil || string(body) != "pages" {
		t.Errorf("get %q, %v", body, err)
	}
	if err := b.Verify(name, want.SHA256); err != nil {
		t.Errorf("verify: %v", err)
	}
	if err := b.Verify(name, strings.Repeat("0", 64)); !errors.Is(err, ErrMismatch) {
		t.Errorf("verify another hash: %v", err)
	}
	if body, err := b.Content(name, want.SHA256); err != nil || string(body) != "pages" {
		t.Errorf("content %q, %v", body, err)
	}
	if _, err := b.Content(name, strings.Repeat("0", 64)); !errors.Is(err, ErrMismatch) {
		t.Errorf("content of another hash: %v", err)
	}
	if _, err := b.Content("2023-02/letters/none.pdf", want.SHA256); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing content: %v", err)
	}
	if _, err := b.Get("2023-02/letters/none.pdf"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	if _, err := put("../x", "y"); !errors.Is(err, ErrBadName) {
		t.Errorf("bad name: %v", err)
	}
	if _, err := put("", "y"); !errors.Is(err, ErrBadName) {
		t.Errorf("empty name: %v", err)
	}
	stop := errors.New("stop")
	if _, err := b.Put("half", func(w io.Writer) error { _, _ = w.Write([]byte("x")); return stop }); !errors.Is(err, stop) {
		t.Errorf("failing write: %v", err)
	}
	if _, err := b.Get("half"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("half a file is there: %v", err)
	}
	race(t, b)
}

// race lets many write one name: one content stands, and only its writers are
// told that it does.
func race(t *testing.T, b *Bucket) {
	t.Helper()
	var wg sync.WaitGroup
	results := make([]error, 8)
	for i := range results {
		wg.Go(func() {
			_, results[i] = b.Put("race", func(w io.Writer) error { _, err := fmt.Fprint(w, i%2); return err })
		})
	}
	wg.Wait()
	won, err := b.Stat("race")
	if err != nil {
		t.Fatal(err)
	}
	for i, err := range results {
		sum := sha256.Sum256(fmt.Append(nil, i%2))
		if mine := hex.EncodeToString(sum[:]) == won.SHA256; mine != (err == nil) || !mine && !errors.Is(err, ErrExists) {
			t.Errorf("writer %d: %v, its content stands: %v", i, err, mine)
		}
	}
}

// smallStore speaks as much of S3 as the archive uses. It checks the SHA-256
// that comes with an object and keeps the rule of If-None-Match unless told
// not to.
type smallStore struct {
	mu         sync.Mutex
	objects    map[string][]byte
	overwrites bool
	answer     int // 0 = serve; else this status to everything
}

func (s *smallStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := r.URL.Path
	object, there := s.objects[name]
	switch {
	case s.answer != 0:
		fault(w, s.answer, "AccessDenied")
	case r.Method == http.MethodPut && there && r.Header.Get("If-None-Match") == "*" && !s.overwrites:
		fault(w, http.StatusPreconditionFailed, "PreconditionFailed")
	case r.Method == http.MethodPut:
		body, _ := io.ReadAll(r.Body)
		sum := sha256.Sum256(body)
		if r.Header.Get("X-Amz-Content-Sha256") != hex.EncodeToString(sum[:]) {
			fault(w, http.StatusBadRequest, "BadDigest")
			return
		}
		s.objects[name] = body
		w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	case r.Method == http.MethodDelete:
		delete(s.objects, name)
		w.WriteHeader(http.StatusNoContent)
	case !there:
		fault(w, http.StatusNotFound, "NoSuchKey")
	default:
		w.Header().Set("ETag", `"x"`)
		w.Header().Set("Last-Modified", "Wed, 08 Feb 2023 00:00:00 GMT")
		w.Header().Set("Content-Length", fmt.Sprint(len(object)))
		_, _ = w.Write(object)
	}
}

func fault(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>key AKSECRET of example.jp</Message></Error>", code)
}

func startStore(t *testing.T, s *smallStore) BucketConfig {
	t.Helper()
	s.objects = map[string][]byte{}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return BucketConfig{URL: server.URL + "/letters/home", AccessKey: "AK", SecretKey: "SECRET"}
}

func TestBucket(t *testing.T) {
	t.Parallel()
	s := &smallStore{}
	exerciseBucket(t, startStore(t, s))
	for name := range s.objects {
		if strings.Contains(name, "probe") {
			t.Errorf("left behind: %s", name)
		}
	}
}

// A store that writes over what is there is refused, and the words of a store
// that fails do not come out: they may hold keys.
func TestBucketRefused(t *testing.T) {
	t.Parallel()
	if _, err := OpenBucket(t.Context(), startStore(t, &smallStore{overwrites: true})); !errors.Is(err, ErrOverwrites) {
		t.Errorf("a store that overwrites: %v", err)
	}
	_, err := OpenBucket(t.Context(), startStore(t, &smallStore{answer: http.StatusForbidden}))
	if err == nil || strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "example.jp") {
		t.Errorf("a store that forbids: %v", err)
	}
	for _, address := range []string{"", "s3://bucket", "http://example.jp/bucket", "https://example.jp", "https://example.jp/",
		"https://u:p@example.jp/b", "https://example.jp/b/../c", "https://example.jp/b?x=1"} {
		if _, err := OpenBucket(t.Context(), BucketConfig{URL: address}); !errors.Is(err, ErrBadURL) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// What was changed in the store afterwards is found.
func TestBucketChanged(t *testing.T) {
	t.Parallel()
	s := &smallStore{}
	b, err := OpenBucket(t.Context(), startStore(t, s))
	if err != nil {
		t.Fatal(err)
	}
	e, err := b.Put("a", func(w io.Writer) error { _, err := io.WriteString(w, "pages"); return err })
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.objects["/letters/home/a"] = []byte("pagez")
	s.mu.Unlock()
	if err := b.Verify("a", e.SHA256); !errors.Is(err, ErrMismatch) {
		t.Errorf("a changed object: %v", err)
	}
}
