// What programs share; the same numbers as concurrent.hpp gives its own.
package main

type xorshift struct{ x uint64 }

func newXorshift(seed uint64) *xorshift { return &xorshift{seed*0x9E3779B97F4A7C15 + 1} }
func (r *xorshift) next() uint64 {
	r.x ^= r.x << 13
	r.x ^= r.x >> 7
	r.x ^= r.x << 17
	return r.x
}
