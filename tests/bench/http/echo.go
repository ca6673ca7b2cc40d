// The same in Go.
package main

import (
	"io"
	"net"
	"os"
)

func echo(c net.Conn) {
	buffer := make([]byte, 4096)
	for {
		n, err := c.Read(buffer)
		if err != nil {
			return
		}
		if _, err := c.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func main() {
	l, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		panic(err)
	}
	for {
		c, err := l.Accept()
		if err != nil {
			panic(err)
		}
		go func() {
			defer c.Close()
			if len(os.Args) > 2 {
				io.Copy(c, c)
			} else {
				echo(c)
			}
		}()
	}
}
