// Twins of ../scheduler.cpp.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

func init() {
	rows["spawn_join"] = row{500_000, func(n int) float64 {
		return nsEach(n, func() {
			for i := 0; i < n; i++ {
				var wg sync.WaitGroup
				wg.Add(1)
				go func() { wg.Done() }()
				wg.Wait()
			}
		})
	}}
	rows["batch_spawn"] = row{1_000_000, func(n int) float64 {
		return nsEach(n, func() {
			for i := 0; i < n/1000; i++ {
				var wg sync.WaitGroup
				for k := 0; k < 1000; k++ {
					wg.Add(1)
					go func() { wg.Done() }()
				}
				wg.Wait()
			}
		})
	}}
	rows["yield_pair"] = row{2_000_000, func(n int) float64 {
		var wg sync.WaitGroup
		return nsEach(2*n, func() {
			for k := 0; k < 2; k++ {
				wg.Add(1)
				go func() {
					for i := 0; i < n; i++ {
						runtime.Gosched()
					}
					wg.Done()
				}()
			}
			wg.Wait()
		})
	}}
	rows["ping_pong"] = row{500_000, func(n int) float64 {
		there, back := make(chan int), make(chan int)
		go func() {
			for v := range there {
				back <- v
			}
		}()
		ns := nsEach(n, func() {
			for i := 0; i < n; i++ {
				there <- 1
				<-back
			}
		})
		close(there)
		return ns
	}}
	rows["pipeline_of_two"] = row{2_000, func(n int) float64 {
		work := func() {
			for start := time.Now(); time.Since(start) < 20*time.Microsecond; {
			}
		}
		c := make(chan int)
		var wg sync.WaitGroup
		wg.Add(1)
		go func() {
			for range c {
				work()
			}
			wg.Done()
		}()
		return nsEach(n, func() {
			for i := 0; i < n; i++ {
				work()
				c <- 1
			}
			close(c)
			wg.Wait()
		})
	}}
	rows["sleepers"] = row{100_000, func(n int) float64 {
		start := cpuNs()
		var wg sync.WaitGroup
		for i := 0; i < n; i++ {
			wg.Add(1)
			go func() {
				time.Sleep(100 * time.Millisecond)
				wg.Done()
			}()
		}
		wg.Wait()
		return (cpuNs() - start) / float64(n)
	}}
	rows["fork_join"] = row{1 << 16, func(n int) float64 { return nsEach(n, func() { fork(15) }) }}
	rows["sieve"] = row{1_000, func(n int) float64 {
		return nsEach(n, func() {
			from := make(chan int)
			go func(to chan int) {
				for i := 2; ; i++ {
					to <- i
				}
			}(from)
			for i := 0; i < n; i++ {
				prime, to := <-from, make(chan int)
				go func(from chan int) {
					for {
						if v := <-from; v%prime != 0 {
							to <- v
						}
					}
				}(from)
				from = to
			}
		})
	}}
	rows["after_select"] = row{1_000_000, func(n int) float64 {
		c := make(chan int, 1)
		start := cpuNs()
		for i := 0; i < n; i++ {
			c <- 1
			select {
			case <-c:
			case <-time.After(time.Second):
			}
		}
		return (cpuNs() - start) / float64(n)
	}}
	rows["parked_100k_created"] = row{100_000, func(n int) float64 { ns, _ := park(n); return ns }}
	rows["parked_100k_memory"] = row{100_000, func(n int) float64 { _, bytes := park(n); return bytes }}
	rows["million_created"] = row{1_000_000, func(n int) float64 { ns, _ := park(n); return ns }}
	rows["million_memory"] = row{1_000_000, func(n int) float64 { _, bytes := park(n); return bytes }}
	rows["ticker_gap"] = row{500, func(n int) float64 {
		var stop int32
		for k := 0; k < runtime.GOMAXPROCS(0); k++ {
			go func() {
				for atomic.LoadInt32(&stop) == 0 {
				}
			}()
		}
		t := time.NewTicker(time.Millisecond)
		longest, last := time.Duration(0), time.Now()
		for i := 0; i < n; i++ {
			<-t.C
			now := time.Now()
			if now.Sub(last) > longest {
				longest = now.Sub(last)
			}
			last = now
		}
		atomic.StoreInt32(&stop, 1)
		return float64(longest.Nanoseconds()) / 1e6
	}}
}

func fork(depth int) {
	if depth == 0 {
		return
	}
	var wg sync.WaitGroup
	for k := 0; k < 2; k++ {
		wg.Add(1)
		go func() {
			fork(depth - 1)
			wg.Done()
		}()
	}
	wg.Wait()
}

func cpuNs() float64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Nano() + u.Stime.Nano())
}

func resident() float64 {
	f, _ := os.Open("/proc/self/statm")
	defer f.Close()
	var pages, res int
	fmt.Fscan(f, &pages, &res)
	return float64(res * os.Getpagesize())
}

func park(n int) (ns, bytes float64) {
	never := make(chan int)
	var arrived int64
	before, start := resident(), time.Now()
	for i := 0; i < n; i++ {
		go func() {
			atomic.AddInt64(&arrived, 1)
			<-never
		}()
	}
	for atomic.LoadInt64(&arrived) != int64(n) {
		runtime.Gosched()
	}
	ns = float64(time.Since(start).Nanoseconds()) / float64(n)
	bytes = (resident() - before) / float64(n)
	close(never)
	for runtime.NumGoroutine() != 1 {
		runtime.Gosched()
	}
	return
}
