package main

import (
	"fmt"
	"io/fs"
)

// walkFiles calls f with every file of a flat file system.
func walkFiles(fsys fs.FS, f func(name string, data []byte) error) error {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return fmt.Errorf("list files: %w", err)
	}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		data, err := fs.ReadFile(fsys, e.Name())
		if err != nil {
			return fmt.Errorf("read %s: %w", e.Name(), err)
		}
		if err := f(e.Name(), data); err != nil {
			return err
		}
	}
	return nil
}
