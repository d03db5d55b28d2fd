package storage

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"github.com/klauspost/compress/zstd"

	"gengfu"
)

// packedSuffix marks evidence files that are compressed. Hashes and sizes are
// always those of the content itself.
const packedSuffix = ".zst"

// files is the folder of evidence; no path leads out of it.
type files struct{ *os.Root }

func openFiles(dir string) (*files, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open evidence folder: %w", err)
	}
	return &files{root}, nil
}

// Close closes the folder; a nil one is left as it is.
func (f *files) Close() error {
	if f == nil {
		return nil
	}
	return f.Root.Close()
}

// PutEvidence writes the data of ev to a file named by its content and sets
// SHA256 and Size. The same content is written once. It must be called before
// the run is recorded that refers to it.
func (s *Store) PutEvidence(ctx context.Context, ev *gengfu.Evidence) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	content := ev.Data.Bytes()
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])
	name, data := evidencePath(hash), content
	if !ev.Kind.Picture() {
		name, data = name+packedSuffix, s.enc.EncodeAll(content, nil)
	}
	if err := s.putFile(name, data); err != nil {
		return fmt.Errorf("store %s: %w", ev.Kind, err)
	}
	ev.SHA256, ev.Size = hash, len(content)
	return nil
}

// evidencePath is where content lies: ab/abcdef….
func evidencePath(hash string) string { return path.Join(hash[:2], hash) }

func (s *Store) putFile(name string, data []byte) error {
	// A file that is there is touched, so that pruning, which looks at the
	// time, leaves it for the run about to be recorded.
	now := time.Now()
	if err := s.files.Chtimes(name, now, now); err == nil {
		return nil
	}
	if err := s.files.MkdirAll(path.Dir(name), 0o750); err != nil {
		return err
	}
	part := path.Join(path.Dir(name), "part-"+rand.Text())
	if err := s.writeFile(part, data); err != nil {
		return errors.Join(err, s.files.Remove(part))
	}
	if err := s.files.Rename(part, name); err != nil {
		return errors.Join(err, s.files.Remove(part))
	}
	return nil
}

func (s *Store) writeFile(name string, data []byte) error {
	f, err := s.files.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	// An empty file under a full name would be taken for the content after a
	// power cut.
	return errors.Join(err, f.Sync(), f.Close())
}

// OpenEvidence opens the content with this SHA-256 in lower-case hex. The
// error is [gengfu.ErrInvalid] for what is not a hash and [gengfu.ErrNotFound]
// for content that was never stored or has been pruned.
func (s *Store) OpenEvidence(hash string) (io.ReadCloser, error) {
	if !isHash(hash) {
		return nil, fmt.Errorf("evidence %.80q: %w", hash, gengfu.ErrInvalid)
	}
	f, err := s.files.Open(evidencePath(hash))
	if err == nil {
		return f, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	f, err = s.files.Open(evidencePath(hash) + packedSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("evidence %s: %w", hash, gengfu.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	in, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("evidence %s: %w", hash, err), f.Close())
	}
	return unpacked{in, f}, nil
}

// unpacked closes the file below the decompressor as well.
type unpacked struct {
	*zstd.Decoder
	file *os.File
}

func (u unpacked) Close() error {
	u.Decoder.Close()
	return u.file.Close()
}

// isHash reports whether text is a SHA-256 in lower-case hex: the only text
// that a path is made from.
func isHash(text string) bool {
	return len(text) == 2*sha256.Size && len(bytes.Trim([]byte(text), "0123456789abcdef")) == 0
}
