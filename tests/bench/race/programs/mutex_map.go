package main

import (
	"fmt"
	"sync"
)

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
