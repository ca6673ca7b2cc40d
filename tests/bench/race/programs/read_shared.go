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
	const workers, lookups, size = 4, 300000, 1 << 15
	table, next := make([]uint32, size), make([]uint32, size)
	random := newXorshift(4)
	for i := range table {
		table[i] = uint32(i) * 5
		next[i] = uint32(random.next() % size)
	}
	sums := make([]uint64, workers)
	var all sync.WaitGroup
	for w := 0; w < workers; w++ {
		w := w
		all.Add(1)
		go func() {
			defer all.Done()
			mine := newXorshift(uint64(w) + 10)
			sum, at := uint64(0), uint32(w)
			for i := 0; i < lookups; i++ {
				wanted := uint32(mine.next() % (size * 5))
				low, high := uint32(0), uint32(size)
				for low < high {
					middle := (low + high) / 2
					if table[middle] < wanted {
						low = middle + 1
					} else {
						high = middle
					}
				}
				at = next[(at+low)%size]
				sum += uint64(low + at)
			}
			sums[w] = sum
		}()
	}
	all.Wait()
	fmt.Println(sums[0] + sums[1] + sums[2] + sums[3])
}
