package chrome

import (
	"embed"
	"strings"
	"sync"
)

//go:embed inject/*.js
var injected embed.FS

// script is the one script of the isolated world, its parts in order.
var script = sync.OnceValue(func() string {
	files, _ := injected.ReadDir("inject")
	var b strings.Builder
	for _, f := range files {
		part, _ := injected.ReadFile("inject/" + f.Name())
		b.Write(part)
	}
	return b.String()
})
