// Package egress decides where pages and messages may go, and takes them there:
// [Policy.Decide] is the one rule, [Dialer] opens connections by it, and [Proxy]
// holds a browser to it.
//
// A name is looked up once and the addresses that were judged are the ones that
// are dialled, so that a name server cannot answer the judge one thing and the
// connection another.
package egress
