package main

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"sync"
)

const workers, size, rounds = 4, 300000, 2

func thereAndBack(seed uint64) uint64 {
	random := newXorshift(seed)
	text := make([]byte, size)
	for i := range text {
		if i > 4000 && i/16%3 != 0 {
			text[i] = text[i-1-i/16*37%3900]
		} else {
			text[i] = byte('a' + random.next()%20)
		}
	}
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	w.Write(text)
	w.Close()
	r, err := zlib.NewReader(&packed)
	if err != nil {
		panic(err)
	}
	again, err := io.ReadAll(r)
	if err != nil {
		panic(err)
	}
	sum := uint64(0)
	for _, b := range again {
		sum += uint64(b)
	}
	return sum
}

func main() {
	var sums [workers]uint64
	var all sync.WaitGroup
	for w := 0; w < workers; w++ {
		all.Add(1)
		go func(w int) {
			defer all.Done()
			for round := 0; round < rounds; round++ {
				sums[w] += thereAndBack(uint64(w*rounds + round))
			}
		}(w)
	}
	all.Wait()
	sum := uint64(0)
	for _, s := range sums {
		sum += s
	}
	fmt.Println(sum)
}
