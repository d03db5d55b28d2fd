// Package strict reads YAML the way an author means it: every value is taken
// as the text that was typed, every mistake carries its place and a remedy, and
// all mistakes of a file are told at once. It knows no language of its own; the
// scenario files and the instance file are both read with it.
package strict

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one mistake of an author. Columns count characters from 1, so
// that they agree with editors on Chinese text.
type Problem struct {
	File      string
	Line, Col int
	Finding   string // what is wrong
	Remedy    string // what to do about it, empty when the finding says it
}

// String is the problem as file:line:col: finding (remedy).
func (p Problem) String() string {
	s := fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Col, p.Finding)
	if p.Line == 0 {
		s = fmt.Sprintf("%s: %s", p.File, p.Finding)
	}
	if p.Remedy != "" {
		s += " (" + p.Remedy + ")"
	}
	return s
}

// Problems are mistakes in the order of their places. A non-empty list is an
// error whose text has one line a problem.
type Problems []Problem //nolint:errname // a list first, an error only when it is not empty

// Error joins the problems, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Err is the list as an error, nil when it is empty.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// maxProblems bounds what one report holds: nobody reads on after that, and a
// hostile file must not fill the memory.
const maxProblems = 1000

// Report collects problems and warnings while files are read. The zero value
// is ready; it is not safe for use by several goroutines.
type Report struct {
	problems, warnings Problems
	seen               map[Problem]bool
	raised             int
}

// Problem adds a mistake that makes the document unusable. The same mistake at
// the same place is kept once.
func (r *Report) Problem(p Problem) {
	r.raised++
	r.problems = r.add(r.problems, p)
}

// Warn adds a remark on something that is allowed and probably not meant.
func (r *Report) Warn(p Problem) { r.warnings = r.add(r.warnings, p) }

func (r *Report) add(list Problems, p Problem) Problems {
	if r.seen[p] || len(list) >= maxProblems {
		return list
	}
	if r.seen == nil {
		r.seen = map[Problem]bool{}
	}
	r.seen[p] = true
	return append(list, p)
}

// Raised counts the problems that were added so far, repeated ones included: a
// reader compares it before and after to learn whether its part was sound.
func (r *Report) Raised() int { return r.raised }

// Problems returns the problems by file, line and column.
func (r *Report) Problems() Problems { return sorted(r.problems) }

// Warnings returns the warnings by file, line and column.
func (r *Report) Warnings() Problems { return sorted(r.warnings) }

func sorted(ps Problems) Problems {
	ps = slices.Clone(ps)
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	return ps
}
