package main

import (
	"fmt"
	"sync"
)

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
