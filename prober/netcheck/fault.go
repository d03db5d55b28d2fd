package netcheck

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"gengfu"
	"gengfu/egress"
)

// stopError is a failure on its way up: what ended a step, and whose fault it is.
type stopError struct{ gengfu.Failure }

func (t *stopError) Error() string { return t.Sentence(gengfu.English) }

// wrong is a mistake of the scenario.
func wrong(format string, args ...any) error {
	return &stopError{gengfu.Failure{Fault: gengfu.FaultScenario, Reason: gengfu.ReasonScenario, Detail: fmt.Sprintf(format, args...)}}
}

// unmet is an expectation that did not hold.
func unmet(want, seen string) error {
	return &stopError{gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonExpect, Want: want, Seen: seen}}
}

// failure says why a step ended: the target's trouble, or ours.
func (e *errand) failure(ctx context.Context, err error) gengfu.Failure {
	var t *stopError
	if errors.As(err, &t) {
		if t.Reason == gengfu.ReasonExpect && t.Waited == 0 && !e.began.IsZero() {
			t.Waited = time.Since(e.began)
		}
		return t.Failure
	}
	var denied *egress.DeniedError
	if errors.As(err, &denied) {
		return refused(denied)
	}
	if f, ok := ours(err); ok {
		return f
	}
	if f, ok := e.certificate(err); ok {
		return f
	}
	if e.presents() && egress.Alerted(err) {
		return gengfu.Failure{Fault: gengfu.FaultCredential, Reason: gengfu.ReasonCredential, Seen: plain(err)}
	}
	var timeout net.Error
	var unknown *net.DNSError
	switch {
	case errors.As(err, &unknown):
		return gengfu.Failure{Fault: gengfu.FaultDNS, Reason: gengfu.ReasonDNS, Detail: unknown.Err}
	case ctx.Err() != nil, errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return gengfu.Failure{Fault: gengfu.FaultTimeout, Reason: gengfu.ReasonNoAnswer, Waited: time.Since(e.began)}
	}
	if handshake(err) {
		return gengfu.Failure{Fault: gengfu.FaultTLS, Reason: gengfu.ReasonTLS, Detail: plain(err)}
	}
	return gengfu.Failure{Fault: gengfu.FaultConnect, Reason: gengfu.ReasonConnect, Detail: plain(err)}
}

// refused is the failure of an address that the policy does not allow.
func refused(d *egress.DeniedError) gengfu.Failure {
	f := gengfu.Failure{Fault: gengfu.FaultPolicy, Reason: gengfu.ReasonEgress, Want: d.Address, Seen: string(d.Reason)}
	if d.IP.IsValid() && !strings.Contains(d.Address, d.IP.String()) {
		f.Want += " (" + d.IP.String() + ")"
	}
	return f
}

// ours is the failure of an error that says nothing about the target.
func ours(err error) (gengfu.Failure, bool) {
	own := gengfu.Failure{Fault: gengfu.FaultNetwork, Reason: gengfu.ReasonNetworkOurs, Detail: plain(err)}
	for _, e := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.EADDRNOTAVAIL} {
		if errors.Is(err, e) {
			own.Fault, own.Reason = gengfu.FaultMachine, gengfu.ReasonMachine
			return own, true
		}
	}
	var unknown *net.DNSError
	switch {
	case errors.Is(err, egress.ErrBeyond):
		return own, false
	case errors.Is(err, egress.ErrUpstream), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.ENETDOWN):
		return own, true
	case errors.As(err, &unknown) && strings.Contains(unknown.Err, "too many open files"):
		own.Fault, own.Reason = gengfu.FaultMachine, gengfu.ReasonMachine
		return own, true
	case errors.As(err, &unknown) && strings.Contains(unknown.Err, "network is unreachable"):
		return own, true
	}
	return own, false
}

// certificate is what is wrong with the chain that a server showed, which is
// noted all the same.
func (e *errand) certificate(err error) (gengfu.Failure, bool) {
	var bad *tls.CertificateVerificationError
	if !errors.As(err, &bad) || len(bad.UnverifiedCertificates) == 0 {
		return gengfu.Failure{}, false
	}
	leaf := bad.UnverifiedCertificates[0]
	if e.check.TLS == nil {
		e.check.TLS = summary(tls.ConnectionState{PeerCertificates: bad.UnverifiedCertificates})
	}
	f := gengfu.Failure{Fault: gengfu.FaultTLS, Reason: gengfu.ReasonTLS, Detail: plain(bad.Err)}
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	now := time.Now()
	switch {
	case now.After(leaf.NotAfter):
		f.Reason, f.Seen = gengfu.ReasonCertExpired, leaf.NotAfter.UTC().Format(time.DateOnly)
	case now.Before(leaf.NotBefore):
		f.Reason, f.Seen = gengfu.ReasonCertEarly, leaf.NotBefore.UTC().Format(time.DateOnly)
	case errors.As(bad.Err, &name):
		f.Reason, f.Want, f.Seen = gengfu.ReasonCertName, name.Host, namesOf(leaf)
	case errors.As(bad.Err, &authority) && leaf.Issuer.String() == leaf.Subject.String():
		f.Reason, f.Seen = gengfu.ReasonCertSelf, subject(leaf)
	case errors.As(bad.Err, &authority):
		f.Reason, f.Seen = gengfu.ReasonCertUnknown, leaf.Issuer.String()
	}
	return f, true
}

func subject(c *x509.Certificate) string {
	if s := c.Subject.String(); s != "" {
		return s
	}
	return namesOf(c)
}

func namesOf(c *x509.Certificate) string {
	names := c.DNSNames
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		names = []string{c.Subject.CommonName}
	}
	return quoted(strings.Join(names, ", "))
}

// handshake reports whether the error is one of TLS itself.
func handshake(err error) bool {
	var alert tls.AlertError
	var header tls.RecordHeaderError
	return errors.As(err, &alert) || errors.As(err, &header) || strings.Contains(err.Error(), "tls: ")
}

// plain is the innermost word of an error, without addresses: those may hold
// what must not be told.
func plain(err error) string {
	var number syscall.Errno
	switch {
	case errors.As(err, &number):
		return number.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed"
	}
	for {
		inner := errors.Unwrap(err)
		if many, ok := err.(interface{ Unwrap() []error }); ok && len(many.Unwrap()) > 0 {
			inner = many.Unwrap()[0]
		}
		if inner == nil {
			return cut(err.Error())
		}
		err = inner
	}
}

// maxSeen is how many characters of an answer a failure shows.
const maxSeen = 200

func cut(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "�")), " ")
	if utf8.RuneCountInString(s) > maxSeen {
		return string([]rune(s)[:maxSeen-1]) + "…"
	}
	return s
}

func quoted(s string) string { return "“" + cut(s) + "”" }
