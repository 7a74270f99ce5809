package main

import (
	"errors"
	"path/filepath"

	"oshirase/batch/intake"
	"oshirase/letters"
)

// codeFileKind is the code of the one problem of a file that is none of those
// that import takes.
const codeFileKind = "file_kind"

// kinds looks at all files before any is read: another kind of file, or the
// two lists in each other's place, is one sentence and not a problem a row.
func (t *taking) kinds(m letters.Month, retailers string, lists []string) error {
	kind := make(map[string]intake.Kind, len(lists)+1)
	for _, path := range append([]string{retailers}, lists...) {
		f, err := openGiven(path)
		if err != nil {
			return err
		}
		kind[path], err = kindOf(f)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	if kind[retailers] == kindList {
		for _, path := range lists {
			if kind[path] == kindRetailers {
				return t.notLists(m, retailers, fail(exitProblems, "lists_swapped", errWrong, filepath.Base(retailers), filepath.Base(path)))
			}
		}
	}
	if k := kind[retailers]; k != kindRetailers && k != intake.KindUnknown {
		return t.notLists(m, retailers, t.h.p.wrongKind(retailers, k, kindRetailers))
	}
	for _, path := range lists {
		if k := kind[path]; k != kindList && k != intake.KindUnknown {
			return t.notLists(m, path, t.h.p.wrongKind(path, k, kindList))
		}
	}
	return nil
}

// notLists answers in JSON too, with the one problem of the file; in words its
// sentence says all.
func (t *taking) notLists(m letters.Month, path string, err error) error {
	f, ok := errors.AsType[*failure](err)
	if !ok || !t.h.p.asJSON {
		return err
	}
	w := t.h.p.words
	advice := w.sentence(f.Key+"_advice", f.Args...)
	out := importJSON{Month: m, Files: t.files(), Problems: []problemJSON{{File: filepath.Base(path), Code: codeFileKind,
		Reason: w.sentence(f.Key, f.Args...), Advice: advice}}}
	return errors.Join(t.h.p.report("import", out), err)
}
