package main

import (
	"os"
	"runtime/debug"
)

// beFrugal collects garbage when the heap has grown by half, unless the
// environment says when. A daemon at rest has some 5 MiB of live heap, and stays
// 2 MiB smaller by it; what a log-in takes of the processor does not change.
func beFrugal() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}
