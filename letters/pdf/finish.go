package pdf

import (
	"crypto/sha256"
	"slices"
)

// finisher writes finished files from drawn pages.
type finisher struct {
	shared *Shared
	file   file
	pages  deflater
	fonts  fontMaker
	tree   tree
}

func newFinisher(s *Shared) *finisher {
	return &finisher{shared: s, pages: deflater{level: fastLevel}, fonts: fontMaker{deflater: deflater{level: fastLevel}}}
}

// Objects that every file has under the same number; those of the head
// follow, then the pages.
const (
	rootObject      = 1
	resourcesObject = 2
	headObject      = 3
)

// finish writes a letter's file: its head, which many letters share, and the
// rest, which is valid until the next call.
func (f *finisher) finish(p *Pages) (finished, error) {
	head, fonts, err := f.begin(p.static, p.extras)
	if err != nil {
		return finished{}, err
	}
	first := f.file.numbers(2 * len(p.Contents))
	for i, c := range p.Contents {
		packed, err := f.pages.pack(c)
		if err != nil {
			return finished{}, err
		}
		f.file.page(first+2*i, i, first+2*i+1)
		f.file.stream(first+2*i+1, deflated, packed)
	}
	f.file.pagesRoot(first, 2, len(p.Contents))
	f.file.fonts(head, fonts)
	tree := f.tree.write(&f.file, p, first)
	err = f.file.close(p.title, f.shared.config.Lang, p.date, head.icc, tree, fileID("single", p.ContentHash))
	return finished{head, f.file.out}, err
}

// begin starts a file on the head of its static fonts, and makes the fonts of
// its extra glyphs.
func (f *finisher) begin(static uint64, extras []extra) (*head, []*fontFile, error) {
	var fonts []*fontFile
	for _, list := range byFace(extras) {
		made, err := f.fonts.make(list[0].face.name+"1", list)
		if err != nil {
			return nil, nil, err
		}
		fonts = append(fonts, made)
	}
	head := f.shared.head(static)
	f.file.follow(&head.file)
	return head, fonts, nil
}

// untagged is the number in the parent tree of a page without tags.
const untagged = -1

// page writes a page object; its content lies in one or more streams.
func (f *file) page(n, parents int, contents ...int) {
	f.begin(n)
	f.ref("<</Type/Page/Parent", rootObject)
	f.ref("/Resources", resourcesObject)
	f.ref("/Contents[", contents[0])
	for _, c := range contents[1:] {
		f.ref("", c)
	}
	f.text("]")
	if parents != untagged {
		f.text("/Tabs/S/StructParents ")
		f.int(parents)
	}
	f.text(">>")
	f.end()
}

// pagesRoot writes the root of n pages whose numbers are step apart.
func (f *file) pagesRoot(first, step, n int) {
	f.begin(rootObject)
	f.text("<</Type/Pages/Kids[")
	for i := range n {
		f.int(first + step*i)
		f.text(" 0 R ")
	}
	f.text("]/Count ")
	f.int(n)
	f.text(frameBox + ">>")
	f.end()
}

// fonts writes the resource dictionary, and the fonts that are not in the head.
func (f *file) fonts(h *head, extra []*fontFile) {
	first := f.numbers(fontObjects * len(extra))
	f.begin(resourcesObject)
	f.text("<</ProcSet[/PDF/Text]/Font<<")
	for i, font := range h.fonts {
		f.ref("/"+font.resource, headObject+fontObjects*i)
	}
	for i, font := range extra {
		f.ref("/"+font.resource, first+fontObjects*i)
	}
	f.text(">>>>")
	f.end()
	for i, font := range extra {
		f.font(first+fontObjects*i, font)
	}
}

// fileID is the document ID of a file: a hash of what it holds and what it is.
func fileID(kind, content string) [16]byte {
	h := sha256.Sum256(slices.Concat([]byte(kind), []byte(content)))
	return [16]byte(h[:16])
}
