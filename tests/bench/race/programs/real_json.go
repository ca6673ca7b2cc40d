package main

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
)

const workers, rounds = 4, 2

func number(n uint64) string { return strconv.FormatUint(n, 10) }

func makeDocument() []byte {
	random := newXorshift(3)
	var text strings.Builder
	text.WriteString("[")
	for i := 0; i < 6000; i++ {
		if i != 0 {
			text.WriteString(",")
		}
		name := number(random.next() % 100000)
		x := number(random.next() % 1000)
		y := number(random.next() % 1000)
		text.WriteString(`{"id":` + strconv.Itoa(i) + `,"name":"name of ` + name + `","tags":["a\n","b","c d e"],"at":{"x":` + x + `,"y":` + y + `.5},"on":true,"none":null}`)
	}
	text.WriteString("]")
	return []byte(text.String())
}

func sumOf(v any) uint64 {
	switch v := v.(type) {
	case float64:
		if v == math.Trunc(v) {
			return uint64(v)
		}
	case string:
		return uint64(len(v))
	case []any:
		sum := uint64(0)
		for _, part := range v {
			sum += sumOf(part)
		}
		return sum
	case map[string]any:
		sum := uint64(0)
		for _, part := range v {
			sum += sumOf(part)
		}
		return sum
	}
	return 0
}

func parse(text []byte) any {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		panic(err)
	}
	return v
}

func main() {
	text := makeDocument()
	var sums [workers]uint64
	var all sync.WaitGroup
	for w := 0; w < workers; w++ {
		all.Add(1)
		go func(w int) {
			defer all.Done()
			for round := 0; round < rounds; round++ {
				again, err := json.Marshal(parse(text))
				if err != nil {
					panic(err)
				}
				sums[w] += sumOf(parse(again))
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
