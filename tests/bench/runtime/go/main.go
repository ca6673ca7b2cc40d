// bench_go ROW: prints the figure of that row. The twin of ../main.cpp.
package main

import (
	"fmt"
	"os"
	"time"
)

type row struct {
	n       int
	measure func(n int) float64
}

var rows = map[string]row{}

func nsEach(n int, f func()) float64 {
	start := time.Now()
	f()
	return float64(time.Since(start).Nanoseconds()) / float64(n)
}

func main() {
	if len(os.Args) == 2 {
		if r, known := rows[os.Args[1]]; known {
			fmt.Printf("%.4g\n", r.measure(r.n))
			return
		}
	}
	fmt.Fprintln(os.Stderr, "usage: bench_go ROW")
	os.Exit(2)
}
