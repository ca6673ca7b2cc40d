package main

import (
	"fmt"
	"sync"
)

const n, workers = 600, 4

func multiply(a, b, c []float64, first, last int) {
	for i := first; i < last; i++ {
		for k := 0; k < n; k++ {
			x := a[i*n+k]
			for j := 0; j < n; j++ {
				c[i*n+j] += x * b[k*n+j]
			}
		}
	}
}

func main() {
	a, b, c := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
	for i := range a {
		a[i] = float64(i % 7)
		b[i] = float64(i % 11)
	}
	var all sync.WaitGroup
	for w := 0; w < workers; w++ {
		w := w
		all.Add(1)
		go func() {
			defer all.Done()
			multiply(a, b, c, n*w/workers, n*(w+1)/workers)
		}()
	}
	all.Wait()
	sum := 0.0
	for _, x := range c {
		sum += x
	}
	fmt.Println(uint64(sum))
}
