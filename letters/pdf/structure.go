package pdf

// writeTree writes the structure tree of a tagged PDF (ISO 32000-1, 14.7) and
// returns its root's number. kids are in drawing order, which is the reading
// order.
func (f *file) writeTree(elements []element, kids []marked, pages int) int {
	root, parents := f.number(), f.number()
	first := len(f.offsets)
	for range elements {
		f.number()
	}
	f.begin(root)
	f.ref("<</Type/StructTreeRoot/K", first)
	f.ref("/ParentTree", parents)
	f.text("/ParentTreeNextKey ")
	f.int(pages)
	f.text(">>")
	f.end()
	f.parentTree(parents, first, kids, pages)
	byElement := groupKids(elements, kids)
	children := groupChildren(elements)
	for i := range elements {
		f.element(i, first, root, elements, children[i], byElement[i])
	}
	return root
}

// parentTree maps each page's MCIDs to their elements.
func (f *file) parentTree(n, first int, kids []marked, pages int) {
	f.begin(n)
	f.text("<</Nums[")
	for p := range pages {
		f.int(p)
		f.text("[")
		for _, k := range kids {
			if k.page == p {
				f.int(first + k.elem)
				f.text(" 0 R ")
			}
		}
		f.text("]")
	}
	f.text("]>>")
	f.end()
}

func groupKids(elements []element, kids []marked) [][]marked {
	out := make([][]marked, len(elements))
	for _, k := range kids {
		out[k.elem] = append(out[k.elem], k)
	}
	return out
}

func groupChildren(elements []element) [][]int {
	out := make([][]int, len(elements))
	for i, e := range elements {
		if e.parent >= 0 {
			out[e.parent] = append(out[e.parent], i)
		}
	}
	return out
}

// element writes one structure element.
func (f *file) element(i, first, root int, elements []element, children []int, content []marked) {
	e := &elements[i]
	parent := root
	if e.parent >= 0 {
		parent = first + e.parent
	}
	f.begin(first + i)
	f.text("<</Type/StructElem/S/" + e.kind)
	f.ref("/P", parent)
	f.attributes(e)
	f.text("/K[")
	for _, c := range children {
		f.int(first + c)
		f.text(" 0 R ")
	}
	for _, k := range content {
		f.ref("<</Type/MCR/Pg", 3+2*k.page)
		f.text("/MCID ")
		f.int(k.mcid)
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
	if e.kind == "TH" {
		f.text(map[bool]string{true: "/Scope/Row", false: "/Scope/Column"}[e.row])
	}
	if e.span > 1 {
		f.text("/ColSpan ")
		f.int(e.span)
	}
	f.text(">>")
}
