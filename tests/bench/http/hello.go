// The same in Go, with the same timeouts.
package main

import (
	"net/http"
	"os"
	"time"
)

func main() {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("Hello, World!")) })
	s := &http.Server{Addr: os.Args[1], Handler: h, ReadTimeout: time.Minute, ReadHeaderTimeout: 10 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute}
	panic(s.ListenAndServe())
}
