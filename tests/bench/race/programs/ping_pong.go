package main

import (
	"fmt"
	"sync"
)

func main() {
	const trips = 800000
	there, back := make(chan int), make(chan int)
	var all sync.WaitGroup
	all.Add(1)
	go func() {
		defer all.Done()
		for v := range there {
			back <- v ^ 1
		}
	}()
	wrong := 0
	for i := 0; i < trips; i++ {
		there <- i
		if <-back != i^1 {
			wrong++
		}
	}
	close(there)
	all.Wait()
	fmt.Println(wrong)
}
