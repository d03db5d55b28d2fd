package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"gengfu/scenarios"
	"gengfu/scenarios/strict"
)

func fmtCommand(o *options) *cobra.Command {
	var check, fix bool
	cmd := &cobra.Command{
		Use:   "fmt <file or folder> ...",
		Short: "Give scenario files one form",
		Long: `Fmt rewrites scenario files in one form: indentation, quotes, blank lines, and
the order of keys. It keeps comments and never changes what a file means; a file
that it cannot keep whole stays as it is. With - it formats the standard input.

With --fix it first corrects slips of the keyboard: full-width colons, blanks
missing after colons, ${…} without quotes inside { }, and curly quotes.

It ends with 0, or with 4 when a file is wrong or, with --check, not formatted.`,
		Example: `  gengfu fmt scenarios/
  gengfu fmt --check scenarios/
  gengfu fmt --fix scenarios/login.yaml`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f := formatter{check: check, fix: fix, out: cmd.OutOrStdout(), teller: scenarios.NewTeller(o.language())}
			if len(args) == 1 && args[0] == "-" {
				return f.stream(cmd.InOrStdin())
			}
			files, err := yamlFiles(args)
			if err != nil {
				return &exitError{exitInvalid, err}
			}
			for _, file := range files {
				if err := f.file(file); err != nil {
					return &exitError{exitErrored, err}
				}
			}
			if f.wrong {
				return &exitError{code: exitInvalid}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "name the files that are not formatted and change nothing")
	cmd.Flags().BoolVar(&fix, "fix", false, "correct slips of the keyboard first")
	return cmd
}

// formatter formats files and remembers whether any was wrong.
type formatter struct {
	check, fix bool
	out        io.Writer
	teller     *scenarios.Teller
	wrong      bool
}

func (f *formatter) format(name string, data []byte) ([]byte, bool) {
	if f.fix {
		data, _ = scenarios.Fix(name, data)
	}
	out, err := scenarios.Format(name, data)
	var problems strict.Problems
	switch {
	case errors.As(err, &problems):
		for _, p := range problems {
			fmt.Fprintln(f.out, f.teller.Line(p))
		}
	case err != nil:
		fmt.Fprintln(f.out, err)
	default:
		return out, true
	}
	f.wrong = true
	return data, false // corrections are worth keeping though the rest is wrong
}

// file formats a file in its place. The error is the disk's.
func (f *formatter) file(name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	out, _ := f.format(name, data)
	if string(out) == string(data) {
		return nil
	}
	fmt.Fprintln(f.out, name)
	if f.check {
		f.wrong = true
		return nil
	}
	return replaceFile(name, out)
}

func (f *formatter) stream(r io.Reader) error {
	data, err := io.ReadAll(io.LimitReader(r, strict.MaxFile+1))
	if err != nil {
		return err
	}
	out := f.out
	f.out = os.Stderr
	formatted, ok := f.format("-", data)
	if !ok {
		return &exitError{code: exitInvalid}
	}
	_, err = out.Write(formatted)
	return err
}

// yamlFiles lists the files given and those of folders, hidden ones left out.
func yamlFiles(paths []string) ([]string, error) {
	var out []string
	for _, p := range paths {
		err := filepath.WalkDir(p, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case name != p && strings.HasPrefix(d.Name(), "."):
				if d.IsDir() {
					return fs.SkipDir
				}
			case !d.IsDir() && (name == p || filepath.Ext(name) == ".yaml" || filepath.Ext(name) == ".yml"):
				out = append(out, name)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// replaceFile writes a file anew, whole or not at all, with the mode it had. A
// link is followed, so that it stays one.
func replaceFile(name string, data []byte) error {
	real, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(real)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(real), ".gengfu-fmt-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Chmod(info.Mode().Perm()), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), real)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}
