package sinks_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"gengfu/demo/sinks"
)

// A test sends to the sinks, waits for the arrival and looks at it.
func ExampleSinks_Wait() {
	s := sinks.New(sinks.Config{})
	srv := httptest.NewServer(s.Handler())
	defer srv.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	req, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL+"/webhook", strings.NewReader(`{"type":"incident.opened"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = resp.Body.Close()
	err = s.Wait(ctx, func(got sinks.Received) bool { return len(got.Webhooks) == 1 })
	fmt.Println(err, s.Webhooks()[0].Body)
	// Output: <nil> {"type":"incident.opened"}
}
