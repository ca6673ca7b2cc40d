package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

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
