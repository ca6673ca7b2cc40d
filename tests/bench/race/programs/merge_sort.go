package main

import (
	"fmt"
	"sync"
)

func sort(v, room []uint32, spawnLevels int) {
	if len(v) < 2 {
		return
	}
	m := len(v) / 2
	if spawnLevels > 0 {
		var half sync.WaitGroup
		half.Add(1)
		go func() {
			sort(v[:m], room[:m], spawnLevels-1)
			half.Done()
		}()
		sort(v[m:], room[m:], spawnLevels-1)
		half.Wait()
	} else {
		sort(v[:m], room[:m], 0)
		sort(v[m:], room[m:], 0)
	}
	a, b, out := 0, m, 0
	for a < m && b < len(v) {
		if v[b] < v[a] {
			room[out] = v[b]
			b++
		} else {
			room[out] = v[a]
			a++
		}
		out++
	}
	for ; a < m; a++ {
		room[out] = v[a]
		out++
	}
	for ; b < len(v); b++ {
		room[out] = v[b]
		out++
	}
	for i := range v {
		v[i] = room[i]
	}
}

func main() {
	values := make([]uint32, 2000000)
	room := make([]uint32, len(values))
	random := newXorshift(1)
	for i := range values {
		values[i] = uint32(random.next())
	}
	sort(values, room, 3)
	sum := uint64(0)
	for i := 0; i < len(values); i += 1000 {
		sum = sum*31 + uint64(values[i])
	}
	fmt.Println(sum)
}
