package chrome

import (
	"bytes"
	"errors"
	"io"
	"os"
	"syscall"
	"testing"
)

// TestPrompt_ends: it carries more than a pipe holds, and tells the ends of a
// pipe apart as a file does.
func TestPrompt_ends(t *testing.T) {
	far, near, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r, w := promptly(far), promptly(near)
	sent := bytes.Repeat([]byte("a log-in of a page, "), 30_000)
	wrote := make(chan error, 1)
	go func() {
		n, err := w.Write(sent)
		if err == nil && n != len(sent) {
			err = io.ErrShortWrite
		}
		wrote <- errors.Join(err, w.Close())
	}()
	got, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(got, sent) {
		t.Errorf("%d of %d bytes came: %v", len(got), len(sent), err)
	}
	if err := <-wrote; err != nil {
		t.Error(err)
	}
	if n, err := r.Read(nil); n != 0 || err != nil {
		t.Errorf("nothing asked for: %d, %v", n, err)
	}
}

func TestPrompt_reader_gone(t *testing.T) {
	far, near, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = far.Close()
	if _, err := promptly(near).Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("error %v, want a broken pipe", err)
	}
	_ = near.Close()
}

// TestPrompt_close: who waits for a message learns that the pipe was closed.
func TestPrompt_close(t *testing.T) {
	far, near, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	r := promptly(far)
	read := make(chan error, 1)
	go func() {
		_, err := r.Read(make([]byte, 8))
		read <- err
	}()
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := <-read; err == nil || errors.Is(err, io.EOF) {
		t.Errorf("error %v, want that the file is closed", err)
	}
}
