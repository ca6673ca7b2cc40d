package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

const workers = 4

func makeLog() string {
	random := newXorshift(4)
	var text strings.Builder
	n := func(below uint64) string { return strconv.FormatUint(random.next()%below, 10) }
	for line := 0; line < 12000; line++ {
		text.WriteString("2026-11-" + n(30))
		text.WriteString(" host" + n(50))
		text.WriteString(" user" + n(900))
		text.WriteString("@example" + n(9))
		text.WriteString(".org GET /path/" + n(100000))
		text.WriteString(" took " + n(3000) + " ms\n")
	}
	return text.String()
}

func main() {
	text := makeLog()
	mail := regexp.MustCompile(`[a-z]+[0-9]+@([a-z0-9]+)\.org (GET|PUT) /[a-z]+/([0-9]+) took [1-9][0-9][0-9] ms`)
	var sums [workers]uint64
	var all sync.WaitGroup
	for w := 0; w < workers; w++ {
		all.Add(1)
		go func(w int) {
			defer all.Done()
			for _, m := range mail.FindAllStringSubmatchIndex(text, -1) {
				sums[w] += 1 + uint64(m[7]-m[6])
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
