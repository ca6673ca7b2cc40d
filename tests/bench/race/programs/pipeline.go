package main

import (
	"fmt"
	"sync"
)

func main() {
	const stages, items = 5, 300000
	var all sync.WaitGroup
	first := make(chan []uint32, 64)
	in := first
	for s := 0; s < stages; s++ {
		from, out := in, make(chan []uint32, 64)
		all.Add(1)
		go func() {
			defer all.Done()
			for v := range from {
				for i := range v {
					v[i] = v[i]*3 + 1
				}
				out <- v
			}
			close(out)
		}()
		in = out
	}
	all.Add(1)
	go func() {
		defer all.Done()
		for i := 0; i < items; i++ {
			v := make([]uint32, 16)
			for k := range v {
				v[k] = uint32(i)
			}
			first <- v
		}
		close(first)
	}()
	received, wrong := 0, 0
	for v := range in {
		for _, x := range v {
			if x != uint32(received)*243+121 {
				wrong++
			}
		}
		received++
	}
	all.Wait()
	if received != items {
		wrong++
	}
	fmt.Println(wrong)
}
