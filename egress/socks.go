package egress

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Words of RFC 1928.
const (
	socksVersion = 5
	noPassword   = 0
	cmdConnect   = 1
	atypIPv4     = 1
	atypName     = 3
	atypIPv6     = 4
	succeeded    = 0
	unreachable  = 4
)

// handshakeTime is how long a client may take to say where it wants to go. A
// browser does so at once.
const handshakeTime = 30 * time.Second

var errSOCKS = errors.New("not a SOCKS5 request to connect")

// handshake reads where the client wants to go.
func handshake(c net.Conn) (Address, error) {
	var b [255]byte
	if _, err := io.ReadFull(c, b[:2]); err != nil || b[0] != socksVersion {
		return Address{}, errSOCKS
	}
	if _, err := io.ReadFull(c, b[:b[1]]); err != nil {
		return Address{}, fmt.Errorf("%w: %w", errSOCKS, err)
	}
	if _, err := c.Write([]byte{socksVersion, noPassword}); err != nil {
		return Address{}, fmt.Errorf("%w: %w", errSOCKS, err)
	}
	if _, err := io.ReadFull(c, b[:4]); err != nil || b[0] != socksVersion || b[1] != cmdConnect {
		return Address{}, errSOCKS
	}
	var size int
	name := b[3] == atypName
	switch b[3] {
	case atypIPv4:
		size = net.IPv4len
	case atypIPv6:
		size = net.IPv6len
	case atypName:
		if _, err := io.ReadFull(c, b[:1]); err != nil {
			return Address{}, fmt.Errorf("%w: %w", errSOCKS, err)
		}
		size = int(b[0])
	default:
		return Address{}, errSOCKS
	}
	var port [2]byte
	if _, err := io.ReadFull(c, b[:size]); err != nil {
		return Address{}, fmt.Errorf("%w: %w", errSOCKS, err)
	}
	if _, err := io.ReadFull(c, port[:]); err != nil {
		return Address{}, fmt.Errorf("%w: %w", errSOCKS, err)
	}
	host := strings.Trim(string(b[:size]), "[]")
	if !name {
		ip, _ := netip.AddrFromSlice(b[:size])
		host = ip.String()
	}
	a, ok := target(net.JoinHostPort(host, strconv.Itoa(int(binary.BigEndian.Uint16(port[:])))))
	if !ok {
		refuse(c)
		return a, errSOCKS
	}
	return a, nil
}

func accept(c net.Conn) error {
	_, err := c.Write([]byte{socksVersion, succeeded, 0, atypIPv4, 0, 0, 0, 0, 0, 0})
	return err
}

// refuse says that there is no way. Browsers take any other word for trouble of
// the proxy itself, and keep away from it for a while.
func refuse(c net.Conn) {
	_, _ = c.Write([]byte{socksVersion, unreachable, 0, atypIPv4, 0, 0, 0, 0, 0, 0})
}

// tunnel carries bytes both ways until both sides have ended. A side that is
// torn off tears off the other, so that the browser sees what it would have seen
// without us.
func tunnel(a, b net.Conn) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		carry(b, a)
	}()
	carry(a, b)
	<-done
}

func carry(to, from net.Conn) {
	_, err := io.Copy(to, from) // the kernel moves the bytes where it can
	if t, ok := to.(interface{ CloseWrite() error }); ok && err == nil {
		_ = t.CloseWrite()
		return
	}
	if t, ok := to.(*net.TCPConn); ok && errors.Is(err, syscall.ECONNRESET) {
		_ = t.SetLinger(0)
	}
	_ = to.Close()
	_ = from.Close()
}
