package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"gengfu/scenarios/strict"
)

// maxUpload bounds one file of an upload step.
const maxUpload = 10 << 20

// Set is what was loaded: the sound scenarios by id. A document with a mistake
// is left out and the others stay, so that one broken file does not stop the
// watch over everything else.
type Set struct {
	Scenarios []Scenario
	Warnings  strict.Problems
}

// Find returns the scenario with an id.
func (s *Set) Find(id string) (Scenario, bool) {
	i, ok := slices.BinarySearchFunc(s.Scenarios, id, func(sc Scenario, id string) int { return cmp.Compare(sc.ID, id) })
	if !ok {
		return Scenario{}, false
	}
	return s.Scenarios[i], true
}

// Load reads files and folders, the latter with everything below that ends in
// .yaml or .yml and is not hidden. Fragments are known to all of them.
func Load(paths ...string) (*Set, strict.Problems) {
	l := newLoader()
	for _, p := range paths {
		l.path(p)
	}
	return l.finish()
}

// LoadFS reads every .yaml and .yml file of a file system.
func LoadFS(fsys fs.FS) (*Set, strict.Problems) {
	l := newLoader()
	l.beside = func(file, name string) (io.ReadCloser, error) { return fsys.Open(path.Join(path.Dir(file), name)) }
	l.walk(fsys, func(name string) (string, func() (fs.File, error)) {
		return name, func() (fs.File, error) { return fsys.Open(name) }
	})
	return l.finish()
}

// Parse reads one file from memory. It opens nothing: upload steps find the
// embedded samples only.
func Parse(file string, data []byte) (*Set, strict.Problems) {
	l := newLoader()
	l.beside = nil
	l.documents(file, data)
	return l.finish()
}

// loader gathers the documents of all files before any is read, because a
// scenario may use a fragment of a later file.
type loader struct {
	rep       *strict.Report
	lang      *language
	seen      map[string]bool // files, by cleaned path
	docs      []strict.Document
	fragments map[string]*fragment
	used      map[string]bool                                // fragments that a step uses
	beside    func(file, name string) (io.ReadCloser, error) // opens a file beside another; nil for never
}

func newLoader() *loader {
	return &loader{
		rep: &strict.Report{}, lang: newLanguage(), seen: map[string]bool{}, fragments: map[string]*fragment{}, used: map[string]bool{},
		beside: func(file, name string) (io.ReadCloser, error) {
			return os.Open(filepath.Join(filepath.Dir(file), filepath.FromSlash(name)))
		},
	}
}

func (l *loader) path(p string) {
	info, err := os.Stat(p)
	switch {
	case err != nil:
		l.unreadable(p, err)
	case info.IsDir():
		l.walk(os.DirFS(p), func(name string) (string, func() (fs.File, error)) {
			full := filepath.Join(p, filepath.FromSlash(name))
			return full, func() (fs.File, error) { return os.Open(full) }
		})
	default:
		l.file(p, func() (fs.File, error) { return os.Open(p) })
	}
}

// walk visits the YAML files of a folder in the order of their names. Links to
// files are followed, as folders mounted by an orchestrator are made of them.
func (l *loader) walk(fsys fs.FS, entry func(name string) (string, func() (fs.File, error))) {
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name != "." && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		ext := path.Ext(name)
		if d.IsDir() || (ext != ".yaml" && ext != ".yml") {
			return nil
		}
		if info, err := fs.Stat(fsys, name); err == nil && !info.Mode().IsRegular() {
			return nil
		}
		full, open := entry(name)
		l.file(full, open)
		return nil
	})
	if err != nil {
		full, _ := entry(".")
		l.unreadable(full, err)
	}
}

func (l *loader) file(name string, open func() (fs.File, error)) {
	clean := filepath.Clean(name)
	if l.seen[clean] {
		return
	}
	l.seen[clean] = true
	f, err := open()
	if err != nil {
		l.unreadable(name, err)
		return
	}
	data, err := io.ReadAll(io.LimitReader(f, strict.MaxFile+1))
	if err := errors.Join(err, f.Close()); err != nil {
		l.unreadable(name, err)
		return
	}
	l.documents(name, data)
}

func (l *loader) unreadable(name string, err error) {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	l.rep.Problem(strict.Problem{File: name, Finding: "cannot be read: " + err.Error()})
}

func (l *loader) documents(name string, data []byte) {
	before, docs := l.rep.Raised(), strict.Parse(name, data, l.rep)
	if len(docs) == 0 && l.rep.Raised() == before {
		l.rep.Warn(strict.Problem{File: name, Line: 1, Col: 1, Finding: "the file holds no scenario", Remedy: "write scenario: and steps:"})
	}
	for _, d := range docs {
		l.document(d)
	}
}

// document tells fragments from scenarios by their first key.
func (l *loader) document(d strict.Document) {
	m, ok := mapping(d.Root)
	if _, is := m.Lookup("fragment"); !ok || !is {
		l.docs = append(l.docs, d)
		return
	}
	f, ok := l.reader().fragment(d)
	if !ok {
		return
	}
	if first, twice := l.fragments[f.name]; twice {
		d.Root.Problem(fmt.Sprintf("fragment %q is defined twice", f.name), "first at "+first.pos.String())
		return
	}
	l.fragments[f.name] = f
}

func (l *loader) reader() *reader {
	return &reader{
		load: l, lang: l.lang, rep: l.rep, sum: newSummary(),
		scope: &scope{names: map[string]Text{}, saved: map[string]string{}},
	}
}

func (l *loader) finish() (*Set, strict.Problems) {
	for _, name := range slices.Sorted(maps.Keys(l.fragments)) {
		l.reader().checkFragment(l.fragments[name])
	}
	set := &Set{}
	first := map[string]Pos{}
	for _, d := range l.docs {
		s, sound := l.reader().scenario(d)
		if s.ID == "" {
			continue
		}
		if pos, twice := first[s.ID]; twice {
			d.Root.Problem(fmt.Sprintf("scenario %q is defined twice", s.ID), "first at "+pos.String())
			continue
		}
		first[s.ID] = s.Pos
		if sound {
			set.Scenarios = append(set.Scenarios, s)
		}
	}
	slices.SortFunc(set.Scenarios, func(a, b Scenario) int { return cmp.Compare(a.ID, b.ID) })
	l.unusedFragments()
	l.sharedLogins(set.Scenarios)
	l.typedInClear(set.Scenarios)
	set.Warnings = l.rep.Warnings()
	return set, l.rep.Problems()
}

// open returns the bytes of a file for an upload: one beside the scenario, else
// an embedded sample.
func (l *loader) open(file, name string) ([]byte, error) {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return nil, errors.New("it is not beside the scenario")
	}
	err := fs.ErrNotExist
	if l.beside != nil {
		f, openErr := l.beside(file, name)
		if openErr == nil {
			return limited(f)
		}
		err = openErr
	}
	if f, sampleErr := Shipped().Open(name); sampleErr == nil && path.Ext(name) != ".yaml" {
		return limited(f)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("it does not exist")
	}
	return nil, err
}

func limited(f io.ReadCloser) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(f, maxUpload+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if len(data) > maxUpload {
		return nil, fmt.Errorf("it has more than %d bytes", maxUpload)
	}
	return data, nil
}
