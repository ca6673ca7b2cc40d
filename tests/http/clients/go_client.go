// Go's net/http client against the server at $ADDRESS, unmodified.
package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
)

var failed = false

func expect(what string, got, wanted interface{}) {
	if got != wanted {
		fmt.Printf("%s: expected %v, got %v\n", what, wanted, got)
		failed = true
	}
}

func do(method, path string, body io.Reader) (*http.Response, string) {
	req, err := http.NewRequest(method, "http://"+os.Getenv("ADDRESS")+path, body)
	if err != nil {
		panic(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err.Error()
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return res, err.Error()
	}
	return res, string(text)
}

func main() {
	_, text := do("GET", "/a", nil)
	expect("GET", text, "hello from /a\n")
	_, text = do("GET", "/items/a%2Fb?q=c+d", nil)
	expect("wildcard", text, "item a/b c d\n")
	large := bytes.Repeat([]byte("0123456789"), 200000)
	_, text = do("POST", "/echo", bytes.NewReader(large))
	expect("counted", text == string(large), true)
	_, text = do("POST", "/echo", io.MultiReader(bytes.NewReader(large), strings.NewReader("end")))
	expect("chunked", text == string(large)+"end", true)
	_, text = do("POST", "/redirect", strings.NewReader("again"))
	expect("redirect", text, "again")
	res, text := do("GET", "/trailer", nil)
	expect("trailer", res.Trailer.Get("X-Sum"), "7")
	expect("trailer's body", len(text), 10000)
	res, _ = do("HEAD", "/", nil)
	expect("HEAD", res.ContentLength, int64(len("hello from /\n")))
	res, _ = do("DELETE", "/items/1", nil)
	expect("405", res.Header.Get("Allow"), "GET, HEAD")
	res, text = do("GET", "/late", nil)
	expect("timeout", fmt.Sprint(res.StatusCode, text), "503late\n")
	_, text = do("GET", "/panic", nil)
	expect("panic", strings.HasSuffix(text, "EOF"), true)

	reused := 0
	for i := 0; i < 10; i++ {
		req, _ := http.NewRequest("GET", "http://"+os.Getenv("ADDRESS")+"/", nil)
		req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) {
			if c.Reused {
				reused++
			}
		}}))
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			panic(err)
		}
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
	expect("connections used again, at least 9", reused >= 9, true)
	if failed {
		os.Exit(1)
	}
}
