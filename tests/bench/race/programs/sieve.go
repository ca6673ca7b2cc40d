package main

import (
	"fmt"
	"sync"
)

const limit, root, workers = 24000000, 4899, 4

func crossOut(composite []byte, primes []uint32, first, last uint32) {
	for _, p := range primes {
		at := (first + p - 1) / p * p
		if at < p*p {
			at = p * p
		}
		for ; at < last; at += p {
			composite[at] = 1
		}
	}
}

func main() {
	composite := make([]byte, limit)
	var primes []uint32
	for i := uint32(2); i <= root; i++ {
		if composite[i] != 0 {
			continue
		}
		primes = append(primes, i)
		for at := i * i; at <= root; at += i {
			composite[at] = 1
		}
	}
	var all sync.WaitGroup
	for w := uint32(0); w < workers; w++ {
		first := uint32(limit / workers * w)
		if w == 0 {
			first = 2
		}
		last := uint32(limit / workers * (w + 1))
		all.Add(1)
		go func() {
			defer all.Done()
			crossOut(composite, primes, first, last)
		}()
	}
	all.Wait()
	count := uint64(0)
	for _, c := range composite[2:] {
		if c == 0 {
			count++
		}
	}
	fmt.Println(count)
}
