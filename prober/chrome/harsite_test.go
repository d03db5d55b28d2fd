package chrome

import (
	"bufio"
	"crypto/sha1" //nolint:gosec // the handshake of web sockets asks for it
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// busySite has everything an archive must tell: redirects, cookies, forms,
// workers, frames, a window, a socket, a stream of events, failures and an
// answer that never ends.
func busySite(t *testing.T) *httptest.Server {
	t.Helper()
	page := func(w http.ResponseWriter, body string) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><meta charset=utf-8>", body)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/old", func(w http.ResponseWriter, q *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "SID", Value: "cookie-value-1", Path: "/", HttpOnly: true})
		http.SetCookie(w, &http.Cookie{Name: "second", Value: "cookie-value-2", Path: "/"})
		http.Redirect(w, q, "/mid?token=query-value", http.StatusFound)
	})
	mux.HandleFunc("/mid", func(w http.ResponseWriter, q *http.Request) {
		http.Redirect(w, q, "/#fragment-value", http.StatusMovedPermanently)
	})
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		page(w, `<title>开始</title><iframe src=/frame></iframe><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><img src=/missing.png>
<script>(async()=>{
const post=(u,t,b)=>fetch(u,{method:'POST',headers:{'content-type':t},body:b});
await post('/api?x=|{}&pwd=query-pwd','application/json',JSON.stringify({user:'u',password:'json-value',deep:[{access_token:'json-value'}]}));
await post('/form','application/x-www-form-urlencoded','user=u&pass%77d=form-value&%E6%89%8B%E6%9C%BA%E5%8F%B7=form-value');
const d=new FormData(); d.append('password','multi-value'); await fetch('/multi',{method:'POST',body:d});
await fetch('http://127.0.0.1:1/refused').catch(()=>{});
new EventSource('/events');
const socket=new WebSocket(location.origin.replace('http','ws')+'/socket?token=socket-value');
await new Promise(r=>{socket.onopen=()=>{socket.close()}; socket.onclose=r});
const worker=new Worker('/worker.js'); await new Promise(r=>{worker.onmessage=r});
fetch('/never');
window.open('/window');
})().then(()=>document.title='done',e=>document.title=String(e))</script>`)
	})
	mux.HandleFunc("/frame", func(w http.ResponseWriter, _ *http.Request) { page(w, `<p>frame<script>fetch('/of-frame')</script>`) })
	mux.HandleFunc("/window", func(w http.ResponseWriter, _ *http.Request) { page(w, `<p>window`) })
	mux.HandleFunc("/worker.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, `fetch('/of-worker').then(()=>postMessage(1))`)
	})
	mux.HandleFunc("/api", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"code":500,"msg":"密码错误","data":{"token":"answer-value"}}`)
	})
	ok := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }
	for _, path := range []string{"/form", "/multi", "/of-frame", "/of-worker"} {
		mux.HandleFunc(path, ok)
	}
	hang := func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path == "/events" {
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprint(w, "data: 1\n\n")
		}
		w.(http.Flusher).Flush()
		<-q.Context().Done()
	}
	mux.HandleFunc("/events", hang)
	mux.HandleFunc("/never", hang)
	mux.HandleFunc("/socket", upgrade)
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	t.Cleanup(srv.CloseClientConnections)
	return srv
}

// upgrade accepts a web socket (RFC 6455) and waits until the other side is
// done with it.
func upgrade(w http.ResponseWriter, q *http.Request) {
	sum := sha1.Sum([]byte(q.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // as above
	conn, rw, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(sum[:]))
	answerClose(conn, rw.Reader)
}

func answerClose(conn net.Conn, in *bufio.Reader) {
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	head := make([]byte, 2+4) // opcode, length, mask
	if _, err := in.Read(head); err == nil {
		_, _ = conn.Write([]byte{0x88, 0})
	}
}
