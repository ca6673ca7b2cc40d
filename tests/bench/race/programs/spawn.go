package main

import (
	"fmt"
	"sync"
)

func main() {
	const rounds, atOnce = 600, 1000
	wrong := 0
	for r := 0; r < rounds; r++ {
		results := make([]int, atOnce)
		var all sync.WaitGroup
		all.Add(atOnce)
		for i := 0; i < atOnce; i++ {
			i := i
			go func() {
				results[i] = i + 1
				all.Done()
			}()
		}
		all.Wait()
		for i, x := range results {
			if x != i+1 {
				wrong++
			}
		}
	}
	fmt.Println(wrong)
}
