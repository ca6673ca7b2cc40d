package main

import (
	"fmt"
	"sync"
)

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
