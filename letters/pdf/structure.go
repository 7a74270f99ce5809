package pdf

// tree writes structure trees of tagged PDFs (ISO 32000-1, 14.7). Its slices
// are used again and again.
type tree struct {
	kids  chains // of each element: its marked content
	parts chains // of each element: the elements below it
}

// chains are lists of numbers, one for each owner, in the order of adding.
type chains struct{ first, last, next []int }

func (c *chains) reset(owners, items int) {
	c.first = refill(c.first, owners)
	c.last = refill(c.last, owners)
	c.next = refill(c.next, items)
}

// refill gives n entries that say "none".
func refill(list []int, n int) []int {
	list = list[:0]
	for range n {
		list = append(list, -1)
	}
	return list
}

func (c *chains) add(owner, item int) {
	if c.first[owner] < 0 {
		c.first[owner] = item
	} else {
		c.next[c.last[owner]] = item
	}
	c.last[owner] = item
}

// write writes the tree of a letter whose pages are objects from page on, two
// apart, and returns the root's number. Marked content comes in drawing order,
// which is the reading order.
func (t *tree) write(f *file, p *Pages, page int) int {
	root, parents := f.number(), f.number()
	first := f.numbers(len(p.elements))
	f.begin(root)
	f.ref("<</Type/StructTreeRoot/K", first)
	f.ref("/ParentTree", parents)
	f.text("/ParentTreeNextKey ")
	f.int(len(p.Contents))
	f.text(">>")
	f.end()
	f.parentTree(parents, first, p.kids, len(p.Contents))
	t.kids.reset(len(p.elements), len(p.kids))
	for i, k := range p.kids {
		t.kids.add(k.elem, i)
	}
	t.parts.reset(len(p.elements), len(p.elements))
	for i, e := range p.elements {
		if e.parent >= 0 {
			t.parts.add(e.parent, i)
		}
	}
	for i := range p.elements {
		t.element(f, p, i, first, root, page)
	}
	return root
}

// parentTree maps each page's MCIDs to their elements. kids are in the order
// of pages.
func (f *file) parentTree(n, first int, kids []marked, pages int) {
	f.begin(n)
	f.text("<</Nums[")
	for p := range pages {
		f.int(p)
		f.text("[")
		for len(kids) > 0 && kids[0].page == p {
			f.int(first + kids[0].elem)
			f.text(" 0 R ")
			kids = kids[1:]
		}
		f.text("]")
	}
	f.text("]>>")
	f.end()
}

// element writes one structure element.
func (t *tree) element(f *file, p *Pages, i, first, root, page int) {
	e := &p.elements[i]
	parent := root
	if e.parent >= 0 {
		parent = first + e.parent
	}
	f.begin(first + i)
	f.text("<</Type/StructElem/S/" + e.kind)
	f.ref("/P", parent)
	f.attributes(e)
	f.text("/K[")
	for c := t.parts.first[i]; c >= 0; c = t.parts.next[c] {
		f.int(first + c)
		f.text(" 0 R ")
	}
	for k := t.kids.first[i]; k >= 0; k = t.kids.next[k] {
		f.ref("<</Type/MCR/Pg", page+2*p.kids[k].page)
		f.text("/MCID ")
		f.int(p.kids[k].mcid)
		f.text(">>")
	}
	f.text("]>>")
	f.end()
}

// attributes tells what a heading cell heads and how far a cell reaches.
func (f *file) attributes(e *element) {
	if e.kind != "TH" && e.span < 2 {
		return
	}
	f.text("/A<</O/Table")
	switch {
	case e.kind != "TH":
	case e.row:
		f.text("/Scope/Row")
	default:
		f.text("/Scope/Column")
	}
	if e.span > 1 {
		f.text("/ColSpan ")
		f.int(e.span)
	}
	f.text(">>")
}
