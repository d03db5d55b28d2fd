package vault

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const canary = "sid-canary-5f3a91"

func state(v *Vault, t *testing.T) State {
	t.Helper()
	d, err := v.Digest([]byte("login"))
	if err != nil {
		t.Fatal(err)
	}
	return State{Made: time.Now(), Definition: d, Keep: time.Hour, Origins: 1, Data: []byte(canary)}
}

func saved(t *testing.T, v *Vault) State {
	t.Helper()
	st := state(v, t)
	if err := v.Save("applicant", st); err != nil {
		t.Fatal(err)
	}
	return st
}

// TestVault_givesBackWhatItGot, in the process that saved it and in others, and
// from memory.
func TestVault_givesBackWhatItGot(t *testing.T) {
	dir := t.TempDir()
	for _, at := range []string{dir, ""} {
		v := Open(at, nil)
		st := saved(t, v)
		readers := []*Vault{v}
		if at != "" {
			readers = append(readers, Open(at, nil))
		}
		for _, r := range readers {
			if got, why := r.Load("applicant", st.Definition, time.Hour, time.Now()); why != Usable || string(got.Data) != canary || !got.Made.Equal(st.Made) || got.Origins != 1 {
				t.Errorf("%+v %s", got.Made, why)
			}
			if _, why := r.Load("admin", st.Definition, time.Hour, time.Now()); why != Missing {
				t.Errorf("another identity: %s", why)
			}
			if _, why := r.Load("applicant", "other", time.Hour, time.Now()); why != Changed {
				t.Errorf("another log-in: %s", why)
			}
		}
	}
}

// TestVault_keepsAStateForItsTime, to the moment, and forgets it then.
func TestVault_keepsAStateForItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := Open("", nil)
		st := saved(t, v)
		load := func() Why {
			_, why := v.Load("applicant", st.Definition, 30*time.Minute, time.Now())
			return why
		}
		time.Sleep(30*time.Minute - time.Nanosecond)
		if why := load(); why != Usable {
			t.Errorf("just before: %s", why)
		}
		time.Sleep(time.Nanosecond)
		if why := load(); why != Expired {
			t.Errorf("then: %s", why)
		}
		if why := load(); why != Missing {
			t.Errorf("afterwards: %s", why)
		}
		back := saved(t, v)
		if _, why := v.Load("applicant", back.Definition, time.Hour, time.Now().Add(-2*time.Minute)); why != Expired {
			t.Errorf("under a clock that was set back: %s", why)
		}
	})
}

// TestVault_filesShowNothing: neither the data nor what the log-in does, and
// nobody else may read them.
func TestVault_filesShowNothing(t *testing.T) {
	dir := t.TempDir()
	v := Open(dir, nil)
	saved(t, v)
	for _, name := range []string{"session.key", "sessions/applicant.state"} {
		path := filepath.Join(dir, name)
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte("canary")) {
			t.Errorf("%s holds the data", name)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v %v", name, info.Mode(), err)
		}
	}
	first, _ := os.ReadFile(filepath.Join(dir, "sessions/applicant.state"))
	saved(t, v)
	second, _ := os.ReadFile(filepath.Join(dir, "sessions/applicant.state"))
	if tail := len(canary) + 16; bytes.Equal(first[len(first)-tail:], second[len(second)-tail:]) {
		t.Error("sealed twice alike: a nonce is used again")
	}
}

// TestVault_damageIsMissing with a warning that says what, and no value.
func TestVault_damageIsMissing(t *testing.T) {
	spoil := map[string]func(t *testing.T, dir, path string, content []byte){
		"changed": func(t *testing.T, _, path string, c []byte) {
			c[len(c)-1] ^= 1
			put(t, path, c)
		},
		"header changed": func(t *testing.T, _, path string, c []byte) {
			put(t, path, bytes.Replace(c, []byte(`"Origins":1`), []byte(`"Origins":2`), 1))
		},
		"cut off":   func(t *testing.T, _, path string, c []byte) { put(t, path, c[:len(c)/2]) },
		"cut early": func(t *testing.T, _, path string, c []byte) { put(t, path, c[:10]) },
		"empty":     func(t *testing.T, _, path string, _ []byte) { put(t, path, nil) },
		"other name": func(t *testing.T, dir, path string, c []byte) {
			put(t, path, c)
			put(t, filepath.Join(dir, "sessions/x.state"), c)
		},
		"other key": func(t *testing.T, dir, _ string, _ []byte) {
			put(t, filepath.Join(dir, "session.key"), bytes.Repeat([]byte{7}, keySize))
		},
	}
	for name, f := range spoil {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			st := saved(t, Open(dir, nil))
			path := filepath.Join(dir, "sessions/applicant.state")
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			f(t, dir, path, content)
			var log bytes.Buffer
			v := Open(dir, slog.New(slog.NewTextHandler(&log, nil)))
			id := "applicant"
			if name == "other name" {
				id = "x"
			}
			if _, why := v.Load(id, st.Definition, time.Hour, time.Now()); why != Missing {
				t.Errorf("why %q", why)
			}
			if text := log.String(); !strings.Contains(text, "level=WARN") || !strings.Contains(text, "session="+id) || strings.Contains(text, "canary") {
				t.Errorf("log %q", text)
			}
			if err := v.Save("applicant", state(v, t)); err != nil {
				t.Errorf("a new state: %v", err)
			}
		})
	}
}

func put(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestVault_refusesAKeyThatOthersMayKnow or that is none.
func TestVault_refusesAKeyThatOthersMayKnow(t *testing.T) {
	for want, make := range map[string]func(path string) error{
		"its mode is 0640": func(path string) error {
			return errors.Join(os.WriteFile(path, random(keySize), 0o600), os.Chmod(path, 0o640))
		},
		"it has 31 bytes":        func(path string) error { return os.WriteFile(path, random(31), 0o600) },
		"it has 0 bytes":         func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"it is no plain file":    func(path string) error { return os.Mkdir(path, 0o700) },
		"session.key: it is no ": func(path string) error { return os.Symlink("elsewhere", path) },
	} {
		dir := t.TempDir()
		if err := make(filepath.Join(dir, "session.key")); err != nil {
			t.Fatal(err)
		}
		v := Open(dir, nil)
		if err := v.Ready(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
		if err := v.Save("applicant", State{Made: time.Now()}); err == nil {
			t.Errorf("%s: saved all the same", want)
		}
	}
}

// TestVault_makesOneKey: several processes that begin at once have the same.
func TestVault_makesOneKey(t *testing.T) {
	dir := t.TempDir()
	digests := make(chan string, 8)
	var all sync.WaitGroup
	for range cap(digests) {
		all.Go(func() {
			d, err := Open(dir, nil).Digest([]byte("login"))
			if err != nil {
				t.Error(err)
			}
			digests <- d
		})
	}
	all.Wait()
	first := <-digests
	for range cap(digests) - 1 {
		if d := <-digests; d != first {
			t.Error("two keys")
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, unsettled+"*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestVault_diesWhileItSaves: what was half written is not looked at, and is
// gone after the next save.
func TestVault_diesWhileItSaves(t *testing.T) {
	dir := t.TempDir()
	v := Open(dir, nil)
	st := saved(t, v)
	half := filepath.Join(dir, "sessions", unsettled+"123")
	put(t, half, []byte(`{"Format":"gengfu ses`))
	if err := os.Chtimes(half, time.Time{}, time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, why := v.Load("applicant", st.Definition, time.Hour, time.Now()); why != Usable {
		t.Errorf("the one before: %s", why)
	}
	if list, err := v.List(); err != nil || len(list) != 1 || list[0].Name != "applicant" || list[0].Err != nil || list[0].Keep != time.Hour {
		t.Errorf("%+v %v", list, err)
	}
	saved(t, v)
	if _, err := os.Stat(half); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("still there: %v", err)
	}
}

func TestVault_refusesWhatIsTooLarge(t *testing.T) {
	v := Open(t.TempDir(), nil)
	if err := v.Save("applicant", State{Made: time.Now(), Data: make([]byte, MaxState)}); err != nil {
		t.Error(err)
	}
	if err := v.Save("applicant", State{Made: time.Now(), Data: make([]byte, MaxState+1)}); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
}

// TestVault_forgets by name, and an old state only while it is the one that is
// kept. No name leads out of the folder.
func TestVault_forgets(t *testing.T) {
	for _, dir := range []string{t.TempDir(), ""} {
		v := Open(dir, nil)
		old := saved(t, v)
		newer := old
		newer.Made = old.Made.Add(time.Second)
		if err := errors.Join(v.Save("applicant", newer), v.ForgetState("applicant", old.Made)); err != nil {
			t.Fatal(err)
		}
		if _, why := v.Load("applicant", old.Definition, time.Hour, time.Now().Add(time.Minute)); why != Usable {
			t.Errorf("the newer one: %s", why)
		}
		if err := errors.Join(v.ForgetState("applicant", newer.Made), v.Forget("applicant"), v.Forget("nobody")); err != nil {
			t.Fatal(err)
		}
		if _, why := v.Load("applicant", old.Definition, time.Hour, time.Now()); why != Missing {
			t.Errorf("forgotten: %s", why)
		}
	}
	for _, name := range []string{"../session", "", "a/b", ".", `a\b`} {
		if err := Open(t.TempDir(), nil).Forget(name); err == nil {
			t.Errorf("%q is taken for a name", name)
		}
	}
}

// TestTake_oneAfterTheOther; a failure to be told goes to those who wait for the
// same log-in, and to nobody else.
func TestTake_oneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := Open("", nil)
		first, err := v.Take(t.Context(), "a", "x")
		if err != nil || !v.Busy("a") || v.Busy("b") {
			t.Fatal(err)
		}
		rejected := errors.New("rejected")
		var same, other, late error
		var turn *Turn
		var all sync.WaitGroup
		all.Go(func() { _, same = v.Take(t.Context(), "a", "x") })
		all.Go(func() { turn, other = v.Take(t.Context(), "a", "y") })
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, late = v.Take(ctx, "a", "x")
		})
		synctest.Wait()
		if n := v.Waiting("a"); n != 3 {
			t.Errorf("%d wait", n)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if !errors.Is(late, context.DeadlineExceeded) || v.Waiting("a") != 2 {
			t.Errorf("too late: %v, %d wait", late, v.Waiting("a"))
		}
		first.End(rejected)
		all.Wait()
		var told *ToldError
		if !errors.As(same, &told) || !errors.Is(same, rejected) || other != nil || turn == nil {
			t.Errorf("the same log-in: %v, another: %v", same, other)
		}
		turn.End(nil)
		if next, err := v.Take(t.Context(), "a", "x"); err != nil || next == nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}
