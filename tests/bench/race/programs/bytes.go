package main

import (
	"fmt"
	"sync"
)

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

func churn(seed uint64, size, rounds int) uint64 {
	random := newXorshift(seed)
	data, coded := make([]byte, size), make([]byte, size/3*4)
	for i := range data {
		data[i] = byte(random.next())
	}
	sum := uint64(0)
	for round := 0; round < rounds; round++ {
		for i, o := 0, 0; i+3 <= size; i, o = i+3, o+4 {
			v := uint32(data[i])<<16 | uint32(data[i+1])<<8 | uint32(data[i+2])
			coded[o] = alphabet[v>>18]
			coded[o+1] = alphabet[v>>12&63]
			coded[o+2] = alphabet[v>>6&63]
			coded[o+3] = alphabet[v&63]
		}
		var histogram [256]uint32
		for _, c := range coded {
			histogram[c]++
		}
		for i, k := 0, size-1; i < k; i, k = i+1, k-1 {
			data[i], data[k] = data[k], data[i]
		}
		for i := range data {
			data[i] ^= byte(round)
		}
		a, b := uint32(1), uint32(0)
		for _, x := range coded {
			a = (a + uint32(x)) % 65521
			b = (b + a) % 65521
		}
		sum += (uint64(b)<<16 | uint64(a)) + uint64(histogram['A']) + uint64(histogram['/'])
	}
	return sum
}

func main() {
	sums := make([]uint64, 4)
	var all sync.WaitGroup
	for w := range sums {
		w := w
		all.Add(1)
		go func() {
			defer all.Done()
			sums[w] = churn(uint64(w)+1, 96000, 60)
		}()
	}
	all.Wait()
	fmt.Println(sums[0] + sums[1] + sums[2] + sums[3])
}
