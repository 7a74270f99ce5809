package templates

import (
	"errors"
	"fmt"
	"io/fs"

	"oshirase/letters"
)

// Set is one effective set of templates, read and checked. It does not change
// after Load and may be used by many goroutines.
type Set struct {
	files    files
	version  string
	incident *letters.Incident
	settings settings
	optional map[string]string
	words    Words
	problems map[string]Sentence
	subjects map[letters.LetterKind]string
	mailText map[string]string
	honor    Honorifics
	lists    map[Scope]List
	wording  map[string]*Wording
}

// Load reads shipped and lays overlays over it file by file, the last one
// winning: the house's folder, or DemoOverlay. It returns every fault of the
// wording at once as a Faults error; a nil overlay is none.
func Load(shipped fs.FS, overlays ...fs.FS) (*Set, error) {
	f, err := readFiles(shipped, overlays)
	if err != nil {
		return nil, err
	}
	s := &Set{files: f, version: f.version()}
	for _, step := range []func() error{
		s.readWords, s.readIncident, s.readMail, s.readProblems, s.readWording,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Version is the SHA-256, in hex, over the files that can change a letter.
func (s *Set) Version() string { return s.version }

// Incident returns the incident; the caller must not change it.
func (s *Set) Incident() *letters.Incident { return s.incident }

// Optional returns a text of settings.toml that may be empty: promise.
func (s *Set) Optional(key string) string { return s.optional[key] }

// Honorifics returns the words that decide 様 and 御中.
func (s *Set) Honorifics() Honorifics { return s.honor }

// Subject returns the mail subject of a kind of letter. It is fixed text.
func (s *Set) Subject(kind letters.LetterKind) string { return s.subjects[kind] }

// MailText returns a fixed sentence of the mail that is not the letter's.
func (s *Set) MailText(key string) string { return s.mailText[key] }

// File returns an effective file, for pages that other packages parse.
func (s *Set) File(name string) ([]byte, error) {
	b, ok := s.files[name]
	if !ok {
		return nil, fmt.Errorf("template %s: %w", name, fs.ErrNotExist)
	}
	return b, nil
}

// FilesIn lists the effective files of a folder with an ending, sorted.
func (s *Set) FilesIn(folder, ending string) []string { return s.files.in(folder, ending) }

func (s *Set) readMail() error {
	var m struct {
		Subject map[string]string `toml:"subject"`
		Text    map[string]string `toml:"text"`
	}
	if err := s.files.decode("mail/mail.toml", &m); err != nil {
		return err
	}
	s.subjects, s.mailText = map[letters.LetterKind]string{}, m.Text
	for _, kind := range []letters.LetterKind{letters.First, letters.Supplementary, letters.Corrected} {
		subject := m.Subject[string(kind)]
		if subject == "" {
			return errors.New("template mail/mail.toml: no subject for " + string(kind))
		}
		s.subjects[kind] = subject
	}
	return nil
}
