// Channels, select, sync and context: the twins of ../primitives.cpp.
package main

import (
	"context"
	"sync"
	"syscall"
)

func cpuNsEach(n int, f func()) float64 {
	now := func() float64 {
		var u syscall.Rusage
		syscall.Getrusage(syscall.RUSAGE_SELF, &u)
		return float64(u.Utime.Nano() + u.Stime.Nano())
	}
	start := now()
	f()
	return (now() - start) / float64(n)
}

func transfer(n, capacity, senders, receivers int) {
	c := make(chan int, capacity)
	var wg sync.WaitGroup
	wg.Add(senders + receivers)
	for s := 0; s < senders; s++ {
		go func() {
			for i := 0; i < n/senders; i++ {
				c <- i
			}
			wg.Done()
		}()
	}
	for r := 0; r < receivers; r++ {
		go func() {
			for i := 0; i < n/receivers; i++ {
				<-c
			}
			wg.Done()
		}()
	}
	wg.Wait()
}

func pingPong(n int) {
	ping, pong := make(chan int), make(chan int)
	go func() {
		for i := 0; i < n; i++ {
			<-ping
			pong <- i
		}
	}()
	for i := 0; i < n; i++ {
		ping <- i
		<-pong
	}
}

func receive(c []chan int) {
	switch len(c) {
	case 2:
		select {
		case <-c[0]:
		case <-c[1]:
		}
	case 4:
		select {
		case <-c[0]:
		case <-c[1]:
		case <-c[2]:
		case <-c[3]:
		}
	case 8:
		select {
		case <-c[0]:
		case <-c[1]:
		case <-c[2]:
		case <-c[3]:
		case <-c[4]:
		case <-c[5]:
		case <-c[6]:
		case <-c[7]:
		}
	}
}

func selectWaiting(n, cases int) {
	c := make([]chan int, cases)
	for i := range c {
		c[i] = make(chan int)
	}
	var wg sync.WaitGroup
	wg.Add(2)
	go func() {
		for i := 0; i < n; i++ {
			c[i%cases] <- i
		}
		wg.Done()
	}()
	go func() {
		for i := 0; i < n; i++ {
			receive(c)
		}
		wg.Done()
	}()
	wg.Wait()
}

func selectReady(n, cases int) {
	c := make([]chan int, cases)
	for i := range c {
		c[i] = make(chan int, 1)
	}
	for i := 0; i < n; i++ {
		c[i%cases] <- i
		receive(c)
	}
}

func selectDefault(n int) {
	a := make(chan int)
	for i := 0; i < n; i++ {
		select {
		case <-a:
		default:
		}
	}
}

func share(n, goroutines int, f func(int)) {
	var wg sync.WaitGroup
	wg.Add(goroutines)
	for g := 0; g < goroutines; g++ {
		go func() {
			for i := 0; i < n/goroutines; i++ {
				f(i)
			}
			wg.Done()
		}()
	}
	wg.Wait()
}

func mutexShared(n, goroutines int) {
	var m sync.Mutex
	counter := 0
	share(n, goroutines, func(int) {
		m.Lock()
		counter++
		m.Unlock()
	})
}

func rwMutexShared(n, goroutines, writeEvery int) {
	var m sync.RWMutex
	value := 0
	share(n, goroutines, func(i int) {
		if i%writeEvery == 0 {
			m.Lock()
			value++
			m.Unlock()
		} else {
			m.RLock()
			_ = value
			m.RUnlock()
		}
	})
}

func onceDone(n int) {
	var o sync.Once
	for i := 0; i < n; i++ {
		o.Do(func() {})
	}
}

func poolGetPut(n, goroutines int) {
	p := sync.Pool{New: func() any { return new(int) }}
	share(n, goroutines, func(int) {
		v := p.Get().(*int)
		*v++
		p.Put(v)
	})
}

func waitGroupCycle(n int) {
	var wg sync.WaitGroup
	for i := 0; i < n; i++ {
		wg.Add(1)
		wg.Done()
		wg.Wait()
	}
}

func condPingPong(n int) {
	var m sync.Mutex
	c := sync.NewCond(&m)
	turn := 0
	var wg sync.WaitGroup
	wg.Add(2)
	for me := 0; me < 2; me++ {
		me := me
		go func() {
			m.Lock()
			for i := 0; i < n; i++ {
				for turn%2 != me {
					c.Wait()
				}
				turn++
				c.Signal()
			}
			m.Unlock()
			wg.Done()
		}()
	}
	wg.Wait()
}

func cancelChildren(n int) {
	for ; n > 0; n -= 10000 {
		root, cancel := context.WithCancel(context.Background())
		children := make([]context.Context, 0, 10000)
		for i := 0; i < 10000; i++ {
			c, _ := context.WithCancel(root)
			children = append(children, c)
		}
		for _, c := range children {
			c.Done()
		}
		cancel()
	}
}

func contextErr(n int) {
	ctx, cancel := context.WithCancel(context.Background())
	for i := 0; i < n; i++ {
		if ctx.Err() != nil {
			return
		}
	}
	cancel()
}

func init() {
	rows["chan_pingpong"] = row{300000, func(n int) float64 { return cpuNsEach(n, func() { pingPong(n) }) }}
	rows["chan_0_1x1"] = row{500000, func(n int) float64 { return cpuNsEach(n, func() { transfer(n, 0, 1, 1) }) }}
	rows["chan_1_1x1"] = row{500000, func(n int) float64 { return cpuNsEach(n, func() { transfer(n, 1, 1, 1) }) }}
	rows["chan_128_1x1"] = row{10000000, func(n int) float64 { return cpuNsEach(n, func() { transfer(n, 128, 1, 1) }) }}
	rows["chan_0_4x4"] = row{500000, func(n int) float64 { return cpuNsEach(n, func() { transfer(n, 0, 4, 4) }) }}
	rows["chan_1_4x4"] = row{500000, func(n int) float64 { return cpuNsEach(n, func() { transfer(n, 1, 4, 4) }) }}
	rows["chan_128_4x4"] = row{10000000, func(n int) float64 { return cpuNsEach(n, func() { transfer(n, 128, 4, 4) }) }}
	rows["select_2"] = row{300000, func(n int) float64 { return cpuNsEach(n, func() { selectWaiting(n, 2) }) }}
	rows["select_4"] = row{300000, func(n int) float64 { return cpuNsEach(n, func() { selectWaiting(n, 4) }) }}
	rows["select_8"] = row{300000, func(n int) float64 { return cpuNsEach(n, func() { selectWaiting(n, 8) }) }}
	rows["select_2_ready"] = row{1000000, func(n int) float64 { return cpuNsEach(n, func() { selectReady(n, 2) }) }}
	rows["select_8_ready"] = row{1000000, func(n int) float64 { return cpuNsEach(n, func() { selectReady(n, 8) }) }}
	rows["select_default"] = row{5000000, func(n int) float64 { return cpuNsEach(n, func() { selectDefault(n) }) }}
	rows["mutex_1"] = row{20000000, func(n int) float64 { return cpuNsEach(n, func() { mutexShared(n, 1) }) }}
	rows["mutex_4"] = row{20000000, func(n int) float64 { return cpuNsEach(n, func() { mutexShared(n, 4) }) }}
	rows["mutex_64"] = row{20000000, func(n int) float64 { return cpuNsEach(n, func() { mutexShared(n, 64) }) }}
	rows["rw_mutex_read"] = row{20000000, func(n int) float64 { return cpuNsEach(n, func() { rwMutexShared(n, 1, n+1) }) }}
	rows["rw_mutex_mostly_read"] = row{20000000, func(n int) float64 { return cpuNsEach(n, func() { rwMutexShared(n, 8, 100) }) }}
	rows["once_done"] = row{20000000, func(n int) float64 { return cpuNsEach(n, func() { onceDone(n) }) }}
	rows["pool_1"] = row{3000000, func(n int) float64 { return cpuNsEach(n, func() { poolGetPut(n, 1) }) }}
	rows["pool_8"] = row{3000000, func(n int) float64 { return cpuNsEach(n, func() { poolGetPut(n, 8) }) }}
	rows["wait_group_cycle"] = row{3000000, func(n int) float64 { return cpuNsEach(n, func() { waitGroupCycle(n) }) }}
	rows["cond_pingpong"] = row{300000, func(n int) float64 { return cpuNsEach(n, func() { condPingPong(n) }) }}
	rows["context_cancel"] = row{100000, func(n int) float64 { return cpuNsEach(n, func() { cancelChildren(n) }) }}
	rows["context_err"] = row{10000000, func(n int) float64 { return cpuNsEach(n, func() { contextErr(n) }) }}
}
