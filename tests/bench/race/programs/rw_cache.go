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
	cache := map[uint32]uint64{}
	for key := uint32(0); key < 2000; key++ {
		cache[key] = uint64(key)
	}
	var lock sync.RWMutex
	var all sync.WaitGroup
	sums := make([]uint64, workers)
	for w := 0; w < workers; w++ {
		w := w
		all.Add(1)
		go func() {
			defer all.Done()
			random := newXorshift(uint64(w) + 1)
			sum := uint64(0)
			for i := 0; i < operations; i++ {
				key := uint32(random.next() % 2000)
				if i%20 == 0 {
					lock.Lock()
					cache[key] = uint64(key)
					lock.Unlock()
				} else {
					lock.RLock()
					sum += cache[key]
					lock.RUnlock()
				}
			}
			sums[w] = sum
		}()
	}
	all.Wait()
	sum := uint64(0)
	for _, s := range sums {
		sum += s
	}
	fmt.Println(sum)
}
