package chrome

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestPool_troubleUntilItStarts: a browser that cannot be started is known to be
// in trouble until a start comes to something, and nobody is asked for that.
func TestPool_troubleUntilItStarts(t *testing.T) {
	script := filepath.Join(t.TempDir(), "browser")
	put := func(line string) {
		t.Helper()
		if err := os.WriteFile(script, []byte("#!/bin/sh\n"+line+"\n"), 0o700); err != nil { //nolint:gosec // has to be started
			t.Fatal(err)
		}
	}
	put("exit 7")
	p, err := NewPool(Config{Path: script, Profiles: t.TempDir(), Overload: -1, NoSpare: true, Egress: openEgress})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Trouble(); err != nil {
		t.Errorf("before it was tried: %v", err)
	}
	if p.Warm(t.Context()) == nil || p.Trouble() == nil {
		t.Errorf("no trouble with a browser that ends at once")
	}
	put(fmt.Sprintf("exec %q \"$@\"", pool.path))
	if p.Trouble() == nil {
		t.Error("well again without having been tried")
	}
	if err := p.Warm(t.Context()); err != nil || p.Trouble() != nil {
		t.Errorf("after a start: %v, %v", err, p.Trouble())
	}
}
