package main

import (
	"fmt"
	"math"
	"sync"
)

const (
	bodies    = 400
	steps     = 60
	workers   = 4
	dt        = 0.01
	softening = 1e-3
)

type vec struct{ x, y, z float64 }
type body struct {
	at, speed vec
	mass      float64
}

func push(next, now []body, first, last int) {
	for i := first; i < last; i++ {
		var force vec
		for k := range now {
			b := &now[k]
			x, y, z := b.at.x-now[i].at.x, b.at.y-now[i].at.y, b.at.z-now[i].at.z
			square := x*x + y*y + z*z + softening
			pull := b.mass / (square * math.Sqrt(square))
			force = vec{force.x + x*pull, force.y + y*pull, force.z + z*pull}
		}
		b := &next[i]
		b.mass = now[i].mass
		b.speed = vec{now[i].speed.x + force.x*dt, now[i].speed.y + force.y*dt, now[i].speed.z + force.z*dt}
		b.at = vec{now[i].at.x + b.speed.x*dt, now[i].at.y + b.speed.y*dt, now[i].at.z + b.speed.z*dt}
	}
}

func main() {
	random := newXorshift(7)
	number := func() float64 { return float64(random.next()%2000)/1000 - 1 }
	now, next := make([]body, bodies), make([]body, bodies)
	for i := range now {
		x := number()
		y := number()
		z := number()
		now[i] = body{at: vec{x, y, z}, mass: 1 + number()/2}
	}
	for step := 0; step < steps; step++ {
		var all sync.WaitGroup
		for w := 0; w < workers; w++ {
			all.Add(1)
			go func(w int) {
				defer all.Done()
				push(next, now, bodies*w/workers, bodies*(w+1)/workers)
			}(w)
		}
		all.Wait()
		now, next = next, now
	}
	sum := 0.0
	for _, b := range now {
		sum += math.Abs(b.at.x) + math.Abs(b.at.y) + math.Abs(b.at.z)
	}
	fmt.Println(uint64(sum))
}
