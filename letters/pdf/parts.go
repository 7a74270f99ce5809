package pdf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// parts are the contents of a print file's pages, parted where one element
// ends and the next begins. A part that stands on several pages is kept once,
// and so are, in the file, the streams made of such parts: the fixed wording
// of a thousand letters. A viewer joins the streams of a page (ISO 32000-1,
// table 30), and gets the very bytes that the letter's own file has.
type parts struct {
	list  []part
	known map[string]int
	pages [][]int // of each page: its parts
}

// part is a piece of content and how often it stands in the file.
type part struct {
	text  string
	count int
}

func newParts() parts { return parts{known: map[string]int{}} }

// page takes a page's content in, parted at cuts.
func (p *parts) page(content []byte, cuts []int) {
	list := make([]int, 0, len(cuts)+1)
	from := 0
	for _, to := range append(slices.Clip(cuts), len(content)) {
		if to > from {
			list = append(list, p.add(content[from:to]))
		}
		from = to
	}
	p.pages = append(p.pages, list)
}

// add returns the number of a part.
func (p *parts) add(b []byte) int {
	i, ok := p.known[string(b)]
	if !ok {
		i = len(p.list)
		s := string(b)
		p.known[s] = i
		p.list = append(p.list, part{text: s})
	}
	p.list[i].count++
	return i
}

// A part is written apart from its neighbours when it stands on so many pages,
// and has, with its shared neighbours, so many bytes: a stream of its own costs
// eighty bytes and a compression.
const (
	sharedFrom  = 8
	sharedBytes = 300
)

// stream is a stream of the file: neighbouring parts. All but the last of a
// page lose their last line end, in whose place a viewer sets one.
type stream struct {
	parts []int
	last  bool
}

// join plans the file's streams, each once, and lists those of each page.
// Neighbouring parts that are shared make one stream, and so do those that are
// not.
func (p *parts) join() (streams []stream, pages [][]int) {
	known := map[string]int{}
	var key []byte
	for _, list := range p.pages {
		var refs []int
		for from := 0; from < len(list); {
			to := p.run(list, from)
			key = append(key[:0], byte(flag(to == len(list))))
			for _, i := range list[from:to] {
				key = binary.LittleEndian.AppendUint32(key, uint32(i))
			}
			n, ok := known[string(key)]
			if !ok {
				n = len(streams)
				known[string(key)] = n
				streams = append(streams, stream{list[from:to], to == len(list)})
			}
			refs = append(refs, n)
			from = to
		}
		pages = append(pages, refs)
	}
	return streams, pages
}

// run returns where the run of shared, or of other parts ends that begins at
// from. A run of shared parts too short for a stream of its own is no run.
func (p *parts) run(list []int, from int) int {
	to, size := p.sharedRun(list, from)
	if size >= sharedBytes {
		return to
	}
	for to = max(to, from+1); to < len(list); {
		end, size := p.sharedRun(list, to)
		if size >= sharedBytes {
			break
		}
		to = max(end, to+1)
	}
	return to
}

// sharedRun is the end and the size of the shared parts from a place on.
func (p *parts) sharedRun(list []int, from int) (to, size int) {
	for to = from; to < len(list) && p.list[list[to]].count >= sharedFrom; to++ {
		size += len(p.list[list[to]].text)
	}
	return to, size
}

func (p *parts) appendTo(out []byte, list []int) []byte {
	for _, i := range list {
		out = append(out, p.list[i].text...)
	}
	return out
}

// pack compresses streams with as many goroutines as there are processors;
// each stream's bytes depend on nothing but the stream.
func (p *parts) pack(streams []stream) ([][]byte, error) {
	out := make([][]byte, len(streams))
	failed := make([]error, runtime.GOMAXPROCS(0))
	var next atomic.Int64
	var workers sync.WaitGroup
	for n := range failed {
		workers.Go(func() {
			d := deflater{level: fileLevel}
			var content []byte
			for i := int(next.Add(1)) - 1; i < len(streams) && failed[n] == nil; i = int(next.Add(1)) - 1 {
				content = p.appendTo(content[:0], streams[i].parts)
				if !streams[i].last {
					content = bytes.TrimSuffix(content, []byte("\n"))
				}
				var packed []byte
				packed, failed[n] = d.pack(content)
				out[i] = slices.Clone(packed)
			}
		})
	}
	workers.Wait()
	return out, errors.Join(failed...)
}
