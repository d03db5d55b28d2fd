// Package gengfu is the dictionary of the product: the words that two or more
// packages share, as types and pure rules. It reads no clock, opens no file
// and talks to nobody; everything that does lives in a package below.
//
// The data goes one way. A scenario is planned into a [Slot]; executing the
// slot gives a [Run]; confirmed runs give a [Signal]; a signal changes an
// [Incident]; a change of an incident is told as a [Notice], delivered as one
// [Delivery] for each endpoint.
package gengfu
