package demo

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"time"
)

const scriptPath = "/static/app.js"

// What page faults add at the end of a page's body.
const (
	maskMarkup template.HTML = `<div class="maintenance-mask" id="maintenance-mask"><div class="maintenance-card">` +
		`<strong>系统升级维护中</strong><p>预计今日 18:00 恢复，给您带来不便敬请谅解。</p></div></div>`
	alertMarkup template.HTML = `<script>alert("系统繁忙，请稍后再试");</script>`
	loopMarkup  template.HTML = `<script>addEventListener('load', function () { for (;;) {} });</script>`
)

// pause waits for d, or less when the visitor leaves; it reports whether the
// visitor is still there.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func waits(delay time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if pause(r.Context(), delay) {
			next.ServeHTTP(w, r)
		}
	})
}

// drips lets the page be made as ever, then sends it in forty pieces.
func drips(delay time.Duration, next http.Handler) http.Handler {
	const pieces = 40
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		held := &heldBody{ResponseWriter: w}
		next.ServeHTTP(held, r)
		body := held.Bytes()
		piece := len(body)/pieces + 1
		out := http.NewResponseController(w)
		for len(body) > 0 {
			n := min(piece, len(body))
			if _, err := w.Write(body[:n]); err != nil {
				return
			}
			body = body[n:]
			if out.Flush() != nil || !pause(r.Context(), delay/pieces) {
				return
			}
		}
	})
}

// heldBody passes the header on and keeps the body back.
type heldBody struct {
	http.ResponseWriter
	bytes.Buffer
}

// Write keeps b.
func (h *heldBody) Write(b []byte) (int, error) { return h.Buffer.Write(b) }

// resets closes the connection so that the peer sees a reset instead of an
// orderly end.
func resets(_ time.Duration, _ http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			http.Error(w, "cannot reset this kind of connection", http.StatusInternalServerError)
			return
		}
		raw := conn
		if wrapped, ok := conn.(interface{ NetConn() net.Conn }); ok {
			raw = wrapped.NetConn()
		}
		if tcp, ok := raw.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = raw.Close()
	})
}

func fails500(_ time.Duration, _ http.Handler) http.Handler {
	return plainPage(http.StatusInternalServerError, "服务器内部错误", "Whitelabel Error Page：服务器处理请求时发生错误，请联系管理员。")
}

func fails503(_ time.Duration, _ http.Handler) http.Handler {
	return plainPage(http.StatusServiceUnavailable, "系统维护中", "系统正在维护，请稍后再访问。")
}

func blanks(_ time.Duration, _ http.Handler) http.Handler {
	return written(http.StatusOK, "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title></title></head><body></body></html>\n")
}

func plainPage(status int, title, text string) http.Handler {
	return written(status, fmt.Sprintf("<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>%s</title></head>"+
		"<body><h1>%d %s</h1><p>%s</p></body></html>\n", title, status, title, text))
}

func written(status int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // the visitor may have left
	})
}

func loops(_ time.Duration, _ http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, r.URL.RequestURI(), http.StatusFound)
	})
}

func misses(_ time.Duration, _ http.Handler) http.Handler {
	return http.HandlerFunc(http.NotFound)
}

// throws puts a fault of the usual kind in front of the shared script, which
// keeps the rest of the file from running.
func throws(_ time.Duration, _ http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		script, err := static.ReadFile("static/app.js")
		if err != nil {
			http.Error(w, "no script", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = fmt.Fprintf(w, "var portalConfig = undefined;\nportalConfig.baseUrl.trim();\n%s", script)
	})
}
