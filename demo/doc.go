// Package demo is the platform that Gengfu probes when it shows itself and when
// it tests itself: the site of a made-up Chinese city for elderly-care services,
// with a public home page, the pages of an applicant and those of an
// administrator. It behaves the way such sites do, down to the blank inside
// 登 录, the notice that opens by itself and the toast that is gone after three
// seconds.
//
// Everything is in memory and comes from a seed: the same seed on the same day
// gives the same bytes. [Platform.Handler] serves the site;
// [Platform.FaultHandler] serves, for a second and private port, the switches
// that make the site fail in the ways of [Fault].
package demo
