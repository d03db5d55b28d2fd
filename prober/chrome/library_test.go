package chrome

import (
	"net/http"
)

// libraries serves the component libraries that deploy/prepare.sh installs.
func libraries() http.Handler {
	return http.StripPrefix("/npm/", http.FileServer(http.Dir("testdata/npm/node_modules")))
}
