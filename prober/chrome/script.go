package chrome

import (
	"embed"
	"strings"
	"sync"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/js"
)

//go:embed inject/*.js inject/more/*.js
var injected embed.FS

// script is the one script of the isolated world, in every document.
var script = sync.OnceValue(func() string { return compact("inject") })

// bringMore is a statement that gives a document what few questions need.
var bringMore = sync.OnceValue(func() string {
	return "__gengfu.more??=(" + strings.TrimRight(compact("inject/more"), "; \n") + ")(__gengfu.core);"
})

// compact puts the parts in a directory together in order, and takes out what
// only people need: the script travels to the browser for each page.
func compact(dir string) string {
	files, _ := injected.ReadDir(dir)
	var b strings.Builder
	for _, f := range files {
		part, _ := injected.ReadFile(dir + "/" + f.Name())
		b.Write(part)
	}
	m := minify.New()
	m.AddFunc("js", js.Minify)
	out, err := m.String("js", b.String())
	if err != nil { // it was tested: see TestScript_isSmall
		return b.String()
	}
	return out
}

// bring is [bringMore] when fn needs it and the world has not been given it;
// questions to a world are answered in order.
func (s *session) bring(world, fn string) string {
	if !strings.Contains(fn, "__gengfu.more.") {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.brought == world {
		return ""
	}
	s.brought = world
	return bringMore()
}
