package gengfu

import "time"

// Tab is a page of a run. The first is the one that the run begins on.
type Tab struct {
	Step     int    // index of the step that was being done when it opened, 0 for the first
	URL      string // the last one, query removed
	Followed bool   // the run's own press opened it, and the steps went on there
	Closed   bool   // before the run ended
}

// Download is a file that a page gave. Files that no step expects are refused
// by the browser and only noted.
type Download struct {
	Step     int
	Name     string // as the page suggests it
	URL      string // query removed
	Bytes    int64  // received, or announced when it was refused
	SHA256   string // hex; empty unless it is complete
	Duration time.Duration
	State    DownloadState
}

// DownloadState is how a download ended.
type DownloadState string

// The states of downloads.
const (
	DownloadComplete DownloadState = "complete"
	DownloadRefused  DownloadState = "refused"   // no step expected it
	DownloadTooLarge DownloadState = "too_large" // broken off at the limit
	DownloadBroken   DownloadState = "broken"    // the server or the page broke it off
	DownloadOpen     DownloadState = "open"      // still going on when the run ended
)
