package chrome

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp/remote"
)

// errNotOurs: a browser that we did not start cannot be had for one run alone.
var errNotOurs = errors.New("isolate: browser needs a browser on this machine, not browser.url")

// checkRemote refuses an address that no DevTools can have.
func checkRemote(raw string) error {
	u, err := url.Parse(raw)
	if err != nil {
		return errors.New("browser.url: not an address (such as ws://10.0.0.5:9222)") // the text may hold a token
	}
	switch u.Scheme {
	case "ws", "wss", "http", "https":
		if u.Host != "" {
			return nil
		}
	}
	return fmt.Errorf("browser.url: %s is not ws://host:port or http://host:port", plain(raw))
}

// plain is an address without what may be secret in it.
func plain(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "browser.url"
	}
	return u.Scheme + "://" + u.Host
}

// dial takes a browser that runs elsewhere. It is not ours to end: kill hangs up,
// and with the connection go the contexts that were made on it.
func dial(ctx context.Context, address, root string) (*process, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	socket, err := endpoint(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("reach browser at %s: %w", plain(address), err)
	}
	t, err := remote.DialContext(ctx, socket)
	if err != nil {
		return nil, fmt.Errorf("reach browser at %s: %w", plain(address), hidden(err, socket))
	}
	profile, err := newProfile(root) // for files to upload
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	p := &process{profile: profile, gone: make(chan struct{}), stderr: &tail{}, conn: newConn(t)}
	go p.hangUp()
	v, err := cdp.Call(ctx, p.conn.root, browser.GetVersion, cdp.Empty{})
	if err != nil {
		p.kill()
		return nil, fmt.Errorf("reach browser at %s: %w", plain(address), err)
	}
	p.version, p.userAgent = v.Product, v.UserAgent
	return p, nil
}

// hidden is the error without the address, which may hold a token.
func hidden(err error, address string) error {
	text := err.Error()
	if u, bad := url.Parse(address); bad == nil {
		for _, part := range []string{u.RequestURI(), u.User.String() + "@"} {
			if len(part) > 1 {
				text = strings.ReplaceAll(text, part, "")
			}
		}
	}
	return errors.New(text)
}

// hangUp clears away what belongs to a connection once it is over.
func (p *process) hangUp() {
	<-p.conn.done
	_ = p.conn.transport.Close()
	p.mu.Lock()
	p.exit = errBrowserGone
	p.mu.Unlock()
	_ = os.RemoveAll(p.profile)
	close(p.gone)
}

// endpoint is the address of the browser's DevTools socket. One that names only
// the machine is asked for the rest.
func endpoint(ctx context.Context, address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("not an address")
	}
	if strings.HasPrefix(u.Scheme, "ws") && strings.Trim(u.Path, "/") != "" {
		return address, nil
	}
	ask, secure := *u, u.Scheme == "wss" || u.Scheme == "https"
	ask.Scheme, ask.Path = "http", "/json/version"
	if secure {
		ask.Scheme = "https"
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, ask.String(), nil)
	if err != nil {
		return "", errors.New("not an address")
	}
	r, err := (&http.Client{Timeout: 10 * time.Second}).Do(q)
	if err != nil {
		return "", hidden(err, ask.String())
	}
	defer func() { _ = r.Body.Close() }()
	var said struct {
		Socket string `json:"webSocketDebuggerUrl"`
	}
	if err := json.NewDecoder(io.LimitReader(r.Body, 1<<16)).Decode(&said); err != nil {
		return "", fmt.Errorf("%s is not DevTools: it answered HTTP %d", plain(address), r.StatusCode)
	}
	socket, err := url.Parse(said.Socket)
	if err != nil || socket.Path == "" {
		return "", fmt.Errorf("%s names no DevTools socket", plain(address))
	}
	socket.Scheme, socket.Host, socket.RawQuery, socket.User = "ws", u.Host, u.RawQuery, u.User // seen from here, not from there
	if secure {
		socket.Scheme = "wss"
	}
	return socket.String(), nil
}
