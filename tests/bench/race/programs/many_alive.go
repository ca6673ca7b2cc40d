package main

import (
	"fmt"
	"sync"
)

func main() {
	const count = 50000
	goOn := make(chan int)
	var all sync.WaitGroup
	results := make([]int, count)
	all.Add(count)
	for i := 0; i < count; i++ {
		i := i
		go func() {
			results[i] = i
			<-goOn
			results[i]++
			all.Done()
		}()
	}
	close(goOn)
	all.Wait()
	wrong := 0
	for i, x := range results {
		if x != i+1 {
			wrong++
		}
	}
	fmt.Println(wrong)
}
