package main

import (
	"fmt"
	"sort"
	"strconv"
)

type order struct {
	customer string
	items    []uint32
	price    uint64
}

func makeOrders(count int) []*order {
	random := newXorshift(3)
	var orders []*order
	for i := 0; i < count; i++ {
		o := &order{customer: "customer number " + strconv.FormatUint(random.next()%3000, 10)}
		items := random.next()%6 + 1
		for k := uint64(0); k < items; k++ {
			o.items = append(o.items, uint32(random.next()%500))
		}
		orders = append(orders, o)
	}
	return orders
}

func main() {
	sum := uint64(0)
	for round := 0; round < 3; round++ {
		orders := makeOrders(60000)
		for _, o := range orders {
			for _, item := range o.items {
				o.price += uint64(item)*7 + 3
			}
		}
		byCustomer := map[string]uint64{}
		for _, o := range orders {
			byCustomer[o.customer] += o.price
		}
		sort.Slice(orders, func(a, b int) bool { return orders[a].price < orders[b].price })
		var names []string
		for name := range byCustomer {
			names = append(names, name)
		}
		sort.Strings(names)
		for _, name := range names {
			sum = sum*31 + byCustomer[name]
		}
		sum = sum*31 + orders[len(orders)/2].price
	}
	fmt.Println(sum)
}
