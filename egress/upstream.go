package egress

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// ErrUpstream marks trouble of the proxy beyond ours, which says nothing about
// where it was to lead.
var ErrUpstream = errors.New("upstream proxy")

// ErrBeyond marks a target that the proxy beyond ours could not reach, which is
// the target's trouble.
var ErrBeyond = errors.New("not reached by the upstream proxy")

// Upstream is an HTTP proxy that leads out of the network. Names are looked up
// there, so only what a name itself says can be judged here.
type Upstream struct {
	address string // host:port
	auth    string // the header's value, empty for none
}

// ParseUpstream reads http://host:port, with a user and a password if need be.
// Its errors do not repeat the address.
func ParseUpstream(text string) (*Upstream, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" || u.Hostname() == "" {
		return nil, errors.New("is no HTTP proxy (want http://host:port)")
	}
	up := &Upstream{address: u.Host}
	if u.Port() == "" {
		up.address = net.JoinHostPort(u.Hostname(), "80")
	}
	if u.User != nil {
		password, _ := u.User.Password()
		up.auth = "Basic " + base64.StdEncoding.EncodeToString([]byte(u.User.Username()+":"+password))
	}
	return up, nil
}

// dial asks the proxy for a tunnel (RFC 9110, CONNECT).
func (u *Upstream) dial(ctx context.Context, to Address) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, handshakeTime)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", u.address)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUpstream, err)
	}
	release := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	err = u.tunnel(conn, to)
	if !release() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("%w: %w", ErrUpstream, err)
	}
	return conn, nil
}

func (u *Upstream) tunnel(conn net.Conn, to Address) error {
	ask := "CONNECT " + to.HostPort() + " HTTP/1.1\r\nHost: " + to.HostPort() + "\r\n"
	if u.auth != "" {
		ask += "Proxy-Authorization: " + u.auth + "\r\n"
	}
	if _, err := conn.Write([]byte(ask + "\r\n")); err != nil {
		return err
	}
	read := bufio.NewReader(conn)
	answer, err := http.ReadResponse(read, &http.Request{Method: http.MethodConnect})
	if err != nil {
		return err
	}
	_ = answer.Body.Close() // of a tunnel: empty
	switch {
	case answer.StatusCode >= 502 && answer.StatusCode <= 504: // it works, what is behind it does not
		return fmt.Errorf("%w: HTTP %d", ErrBeyond, answer.StatusCode)
	case answer.StatusCode != http.StatusOK:
		return fmt.Errorf("answered HTTP %d", answer.StatusCode)
	case read.Buffered() > 0:
		return errors.New("spoke before it was asked")
	}
	return nil
}
