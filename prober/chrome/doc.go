// Package chrome runs scenarios in a real Chromium.
//
// It talks to the browser over its own thin session layer on chromedp's pipe
// transport. One script in an isolated world of every document resolves,
// waits, hit-tests and asserts inside the page, so a step costs one round trip
// where it can. A run gets a fresh browser context and leaves nothing behind.
//
// A scenario's failure is a value in the [gengfu.Run], never an error; the
// prober's own trouble ends as outcome errored.
package chrome
