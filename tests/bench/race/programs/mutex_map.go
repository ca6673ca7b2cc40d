package main

import (
	"fmt"
	"sync"
)

type xorshift struct{ x uint64 }

func newXorshift(seed uint64) *xorshift { return &xorshift{seed*0x9E3779B97F4A7C15 + 1} }
func (r *xorshift) next() uint64 {
	r.x ^= r.x << 13
	r.x ^= r.x >> 7
	r.x ^= r.x << 17
	return r.x
}

func main() {
	const workers, operations = 4, 400000
	m := map[uint32]uint64{}
	var lock sync.Mutex
	var all sync.WaitGroup
	for w := 0; w < workers; w++ {
		w := w
		all.Add(1)
		go func() {
			defer all.Done()
			random := newXorshift(uint64(w) + 1)
			for i := 0; i < operations; i++ {
				key := uint32(random.next() % 5000)
				lock.Lock()
				m[key] += uint64(key)
				lock.Unlock()
			}
		}()
	}
	all.Wait()
	sum := uint64(0)
	for _, value := range m {
		sum += value
	}
	fmt.Println(sum)
}
