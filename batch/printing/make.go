package printing

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"oshirase/letters"
	"oshirase/letters/disk"
)

// ErrAlreadyHandedOver says that the run's folder stands there already with
// the same letters: the order was carried out before. Make returns the run
// beside it.
var ErrAlreadyHandedOver = errors.New("print run is already handed over")

// ErrRunDiffers says that another run, or a damaged one, stands under the run
// ID. Nothing is touched; a person must look.
var ErrRunDiffers = errors.New("other content stands under this run ID")

// ErrInHand says that another process is making the run now.
var ErrInHand = errors.New("print run is being made elsewhere")

// ErrNotDurable says that the run's folder has appeared but may not survive a
// loss of power. Where the folder is the hand-over its letters are uncertain.
var ErrNotDurable = errors.New("print run stands, but perhaps not durably")

// ErrUncertain says that nobody can tell whether the printer was shown a run.
var ErrUncertain = errors.New("print run was perhaps handed over")

// ErrWrongPage says that a page of a finished print file is not the page that
// was approved.
var ErrWrongPage = errors.New("page is not the approved one")

// ErrLeak says that a page names a letter that it has nothing to do with: it
// may show another customer's data. The run is not made.
var ErrLeak = errors.New("page names another letter")

// PageSource begins print files. NewFile's file is written to w by its Close
// at the latest.
type PageSource interface {
	NewFile(w io.Writer) PrintFile
}

// PrintFile takes letters' pages. Draw may be called by several workers at
// once and leaves the file as it is; what it returns is called by one, in the
// order of the file.
type PrintFile interface {
	Draw(ctx context.Context, id letters.ID, generation int) (Join, error)
	Close() error
}

// Readback opens a finished print file with an engine that shares no code
// with what made it, and says what stands on each page.
type Readback interface {
	Pages(path string) ([]ReadPage, error)
}

// ReadPage is a page as it was read back.
type ReadPage struct {
	Hash string       // hex SHA-256 of its decoded content
	IDs  []letters.ID // every letter ID in its text, each once
}

// OrderSheet returns the order sheet (発送依頼書) of a run as a PDF. The run's
// print files are complete; nothing else of it stands yet.
type OrderSheet func(ctx context.Context, run Run) ([]byte, error)

// Maker makes print runs below one folder, each in a folder of its own.
type Maker struct {
	Root     string
	Pages    PageSource
	Sheet    OrderSheet
	Readback Readback
	Columns  []string // headings of manifest.csv, one for each of its 11 columns

	Asked   func(ctx context.Context, runID string) error // noted, durably, before the folder gets its name; nil = nobody
	Mine    func(runID string) bool                       // whose leftovers may be swept; nil = all
	Workers int                                           // letters drawn at once; 0 = 1
	PerFile int                                           // letters in one print file; 0 = MaxLetters
	at      func(stage string) error                      // called at each stage; nil outside tests
}

// Make makes the run and returns it once its folder stands, durably. A folder
// of that run ID that is there already gives ErrAlreadyHandedOver when it
// holds exactly the order's letters and is intact, else ErrRunDiffers; then and
// with ErrNotDurable a folder stands. After any other error none does.
func (m Maker) Make(ctx context.Context, o Order) (Run, error) {
	run, err := m.make(ctx, o)
	if err != nil {
		return run, fmt.Errorf("print run %s: %w", o.RunID, err)
	}
	return run, nil
}

func (m Maker) make(ctx context.Context, o Order) (Run, error) {
	if err := o.check(); err != nil {
		return Run{}, err
	}
	if len(m.Columns) != columns {
		return Run{}, fmt.Errorf("manifest needs %d headings, has %d", columns, len(m.Columns))
	}
	run := planRun(o, m.lettersPerFile())
	run.Folder = filepath.Join(m.Root, o.RunID)
	if err := disk.MakeDirs("print folder", m.Root); err != nil {
		return Run{}, err
	}
	stage, err := openStage(m.Root, o.RunID, m.Mine)
	if err != nil {
		return Run{}, err
	}
	defer stage.discard()
	if _, err := os.Lstat(run.Folder); err == nil {
		return m.standing(run)
	}
	if err := m.fill(ctx, stage, &run); err != nil {
		return Run{}, err
	}
	if err := stage.publish(run.Folder, m.reach, func() error { return m.asked(ctx, run.ID) }); errors.Is(err, os.ErrExist) {
		return m.standing(run)
	} else if err != nil {
		return run, err
	}
	return run, nil
}

func (m Maker) asked(ctx context.Context, runID string) error {
	if m.Asked == nil {
		return nil
	}
	return m.Asked(ctx, runID)
}

func (m Maker) lettersPerFile() int {
	if m.PerFile > 0 {
		return m.PerFile
	}
	return MaxLetters
}

func (m Maker) reach(stage string) error {
	if m.at == nil {
		return nil
	}
	return m.at(stage)
}

// standing compares the folder that is there with the run that was asked for.
func (m Maker) standing(want Run) (Run, error) {
	report, err := Inspect(want.Folder, m.Readback)
	if err != nil {
		return Run{}, fmt.Errorf("%w: %w", ErrRunDiffers, err)
	}
	if !report.Intact() || !report.Run.sameLetters(want) {
		return Run{}, ErrRunDiffers
	}
	if err := disk.SyncDir("print folder", m.Root); err != nil {
		return report.Run, fmt.Errorf("%w: %w", ErrNotDurable, err)
	}
	return report.Run, ErrAlreadyHandedOver
}

// fill writes every file of the run into the staged folder.
func (m Maker) fill(ctx context.Context, s *stage, run *Run) error {
	for i := range run.Files {
		if err := m.printFile(ctx, s, run, i); err != nil {
			return err
		}
	}
	sheet, err := m.Sheet(ctx, *run)
	if err != nil {
		return fmt.Errorf("order sheet: %w", err)
	}
	if err := m.reach("order sheet"); err != nil {
		return err
	}
	list, err := manifestCSV(*run, m.Columns)
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name    string
		content []byte
	}{{csvName, list}, {sheetName, sheet}} {
		entry, err := s.write(f.name, f.content)
		if err != nil {
			return err
		}
		run.Files = append(run.Files, entry)
	}
	return m.seal(s, run)
}

// seal writes the manifest and, last, the checksums over everything.
func (m Maker) seal(s *stage, run *Run) error {
	if err := m.reach("manifest"); err != nil {
		return err
	}
	content, err := manifestJSON(*run)
	if err != nil {
		return err
	}
	manifest, err := s.write(jsonName, content)
	if err != nil {
		return err
	}
	run.Manifest = manifest.SHA256
	if err := m.reach("checksums"); err != nil {
		return err
	}
	_, err = s.write(sumsName, checksums(append(run.Files[:len(run.Files):len(run.Files)], manifest)))
	return err
}

// printFile writes the run's i-th print file and reads it back.
func (m Maker) printFile(ctx context.Context, s *stage, run *Run, i int) error {
	f := &run.Files[i]
	if err := m.reach("file " + f.Name); err != nil {
		return err
	}
	err := s.create(f.Name, func(w io.Writer) error { return m.draw(ctx, w, run.in(f.Name)) })
	if err != nil {
		return fmt.Errorf("file %s: %w", f.Name, err)
	}
	if err := m.reach("read back " + f.Name); err != nil {
		return err
	}
	pages, err := m.Readback.Pages(s.path(f.Name))
	if err != nil {
		return fmt.Errorf("read back %s: %w", f.Name, err)
	}
	if err := compare(pages, run.in(f.Name), f.Pages); err != nil {
		return fmt.Errorf("file %s: %w", f.Name, err)
	}
	f.SHA256, f.Size, err = hashFile(s.path(f.Name))
	return err
}

// draw adds letters and holds each against the place it was planned for.
func (m Maker) draw(ctx context.Context, w io.Writer, items []Item) error {
	buffered := bufio.NewWriterSize(w, 1<<20)
	file := m.Pages.NewFile(buffered)
	err := m.drawAhead(ctx, file, items, func(it Item, join Join) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		first, err := join()
		if err != nil {
			return fmt.Errorf("letter %s: %w", it.LetterID, err)
		}
		if first != it.FirstPage {
			return fmt.Errorf("letter %s: starts at page %d, not %d: %w", it.LetterID, first, it.FirstPage, ErrWrongPage)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return buffered.Flush()
}

// compare holds the pages that were read back against the approved hashes, and
// the letter IDs on them against the letter and those that it names.
func compare(got []ReadPage, items []Item, pages int) error {
	if len(got) != pages {
		return fmt.Errorf("has %d pages, the manifest %d: %w", len(got), pages, ErrWrongPage)
	}
	for _, it := range items {
		for n, want := range it.PageHashes {
			page := it.FirstPage + n
			fault := func(err error) error {
				return fmt.Errorf("letter %s: page %d of the file, sheet %d of %d: %w", it.LetterID, page, n+1, it.Pages, err)
			}
			if got[page-1].Hash != want {
				return fault(ErrWrongPage)
			}
			for _, id := range got[page-1].IDs {
				if id != it.LetterID && !slices.Contains(it.Refers, id) {
					return fault(ErrLeak)
				}
			}
		}
	}
	return nil
}
