package main

import (
	"fmt"
	"sync"
	"sync/atomic"
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
	const workers, rounds = 4, 5000000
	var stop uint32
	var counter, highest uint64
	var all sync.WaitGroup
	for w := 0; w < workers; w++ {
		w := w
		all.Add(1)
		go func() {
			defer all.Done()
			random := newXorshift(uint64(w) + 1)
			for i := 0; i < rounds && atomic.LoadUint32(&stop) == 0; i++ {
				mine := random.next()
				for {
					seen := atomic.LoadUint64(&highest)
					if seen >= mine || atomic.CompareAndSwapUint64(&highest, seen, mine) {
						break
					}
				}
				if i%4 == 0 {
					atomic.AddUint64(&counter, 1)
				}
			}
		}()
	}
	all.Wait()
	atomic.StoreUint32(&stop, 1)
	fmt.Println(counter + highest)
}
