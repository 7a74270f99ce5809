package fonts

import "sync"

// cache keeps up to limit values, dropping the one unused for longest.
type cache[V any] struct {
	limit int
	mu    sync.Mutex
	tick  uint64
	kept  map[int]*cached[V]
}

type cached[V any] struct {
	value V
	used  uint64
}

// get returns the value of key, made by load where it is not kept. load runs
// without the lock: two callers may load the same value at once.
func (c *cache[V]) get(key int, load func() (V, error)) (V, error) {
	if v, ok := c.find(key); ok {
		return v, nil
	}
	v, err := load()
	if err == nil {
		c.keep(key, v)
	}
	return v, err
}

func (c *cache[V]) find(key int) (v V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.kept[key]
	if ok {
		c.tick++
		e.used = c.tick
		v = e.value
	}
	return v, ok
}

func (c *cache[V]) keep(key int, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept = map[int]*cached[V]{}
	}
	if _, ok := c.kept[key]; !ok && len(c.kept) >= c.limit {
		c.drop()
	}
	c.tick++
	c.kept[key] = &cached[V]{v, c.tick}
}

func (c *cache[V]) drop() {
	oldest, used := -1, ^uint64(0)
	for k, e := range c.kept {
		if e.used < used {
			oldest, used = k, e.used
		}
	}
	delete(c.kept, oldest)
}
