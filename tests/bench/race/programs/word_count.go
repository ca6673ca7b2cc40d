package main

import (
	"fmt"
	"sync"
)

const workers = 4

func makeText(bytes int) []byte {
	random := newXorshift(2)
	text := make([]byte, 0, bytes+16)
	for len(text) < bytes {
		a := random.next()
		word := a % (random.next()%5000 + 1)
		for {
			text = append(text, byte('a'+word%26))
			word /= 26
			if word == 0 {
				break
			}
		}
		if random.next()%12 == 0 {
			text = append(text, '\n')
		} else {
			text = append(text, ' ')
		}
	}
	return text
}

func count(text []byte, into map[string]int) {
	var word []byte
	for _, c := range text {
		if c >= 'a' && c <= 'z' {
			word = append(word, c)
		} else if len(word) != 0 {
			into[string(word)]++
			word = word[:0]
		}
	}
	if len(word) != 0 {
		into[string(word)]++
	}
}

func main() {
	text := makeText(8 << 20)
	total := map[string]int{}
	var lock sync.Mutex
	var all sync.WaitGroup
	first := 0
	for w := 1; w <= workers; w++ {
		last := len(text) * w / workers
		for last < len(text) && text[last] >= 'a' {
			last++
		}
		part := text[first:last]
		all.Add(1)
		go func() {
			defer all.Done()
			mine := map[string]int{}
			count(part, mine)
			lock.Lock()
			defer lock.Unlock()
			for word, n := range mine {
				total[word] += n
			}
		}()
		first = last
	}
	all.Wait()
	sum := uint64(len(total))
	for word, n := range total {
		sum += uint64(n) * uint64(n) * uint64(len(word))
	}
	fmt.Println(sum)
}
