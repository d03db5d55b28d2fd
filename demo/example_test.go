package demo_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"gengfu/demo"
)

// A platform is served like any handler; faults are switched while it runs.
func ExamplePlatform() {
	p := demo.New(demo.Config{})
	look := func() {
		w := httptest.NewRecorder()
		p.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/login", nil))
		fmt.Println(w.Code)
	}
	look()
	p.Set(demo.HTTP503, true)
	look()
	p.Clear()
	look()
	// Output:
	// 200
	// 503
	// 200
}
