package main

import (
	"maps"
	"os"
	"path/filepath"
	"time"

	"gengfu/scenarios/strict"
)

// lookEvery is how often the files of the configuration are looked at. A change
// is read when they then kept still for as long.
const lookEvery = 3 * time.Second

// file is what tells one version of a file from another.
type file struct {
	written time.Time
	size    int64
}

// files are those that the configuration in force was read from, and those of
// its folders that are new.
func (in *instance) files() map[string]file {
	paths := append([]string{in.path}, in.beside...)
	if in.secretFile != "" {
		paths = append(paths, in.abs(in.secretFile))
	}
	var places []string
	for _, p := range in.scenarios {
		places = append(places, in.abs(p))
	}
	more, _ := yamlFiles(places) // one that goes away meanwhile is a change
	return versions(append(paths, more...))
}

func versions(paths []string) map[string]file {
	out := map[string]file{}
	for _, p := range paths {
		if st, err := os.Stat(p); err == nil {
			out[filepath.Clean(p)] = file{st.ModTime(), st.Size()}
		}
	}
	return out
}

// edits notices changes of the configuration's files.
type edits struct {
	in      *instance
	seen    map[string]file
	pending bool
}

// follow begins anew with the configuration that is about to be read.
func (e *edits) follow(in *instance) {
	e.in, e.pending = in, false
	e.seen = in.files()
}

// settled reports whether the files have changed and kept still since.
func (e *edits) settled() bool {
	now := e.in.files()
	if !maps.Equal(now, e.seen) {
		e.seen, e.pending = now, true
		return false
	}
	return e.pending
}

// readReload reads what makes the configuration be read anew.
func (in *instance) readReload(n strict.Node) {
	if v, ok := n.Enum("way to reload", "watch", "signal"); ok {
		in.onSignal = v == "signal"
	}
}
