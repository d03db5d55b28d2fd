package main

import (
	"os"
	"runtime"
)

// leaveCores gives the Go scheduler half the cores, one at least, unless the
// environment says how many. The browser does nine tenths of a run's work; each
// further core costs wake-ups of idle threads (measured on two: 14.4 against
// 12.4 ms of processor time for a log-in) and brings no run forward.
func leaveCores() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(max(1, runtime.GOMAXPROCS(0)/2))
	}
}
