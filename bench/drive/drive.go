// Package drive is the line protocol between the controller and a contender:
// an order a line in, a result a line out, an empty result at the end.
package drive

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"sync"
	"time"
)

// Order asks for runs of a page, so many at once.
type Order struct {
	Site        string `json:"site"`
	Runs        int    `json:"runs"`
	Concurrency int    `json:"concurrency"`
}

// Result is one run, or with Done the end of an order.
type Result struct {
	Done  bool    `json:"done,omitempty"`
	MS    float64 `json:"ms"`
	Error string  `json:"error,omitempty"`
}

// Account and Password log in to the pages.
const (
	Account  = "probe.one"
	Password = "gängfu-bench-15"
)

// Limit ends a run that hangs.
const Limit = 15 * time.Second

// Flags are the browser's switches that every contender adds: none of them
// makes pages faster.
func Flags() []string {
	flags := []string{
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
		"--no-default-browser-check", "--disable-quic", "--disable-gpu",
	}
	if os.Getuid() == 0 {
		flags = append(flags, "--no-sandbox")
	}
	return flags
}

// Serve reads orders until its input ends.
func Serve(run func(ctx context.Context, site string) error) error {
	var mu sync.Mutex
	out := json.NewEncoder(os.Stdout)
	tell := func(r Result) {
		mu.Lock()
		defer mu.Unlock()
		_ = out.Encode(r)
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var o Order
		if err := json.Unmarshal(in.Bytes(), &o); err != nil {
			return err
		}
		var wg sync.WaitGroup
		left := make(chan struct{}, o.Runs)
		for range o.Runs {
			left <- struct{}{}
		}
		close(left)
		for range max(1, o.Concurrency) {
			wg.Go(func() {
				for range left {
					tell(once(run, o.Site))
				}
			})
		}
		wg.Wait()
		tell(Result{Done: true})
	}
	return in.Err()
}

func once(run func(ctx context.Context, site string) error, site string) Result {
	ctx, cancel := context.WithTimeout(context.Background(), Limit)
	defer cancel()
	began := time.Now()
	err := run(ctx, site)
	r := Result{MS: float64(time.Since(began).Microseconds()) / 1000}
	if err != nil {
		r.Error = err.Error()
	}
	return r
}
