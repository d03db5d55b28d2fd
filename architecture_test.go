package gengfu_test

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestArchitecture_namesExist: everything in code font on the page is a path of
// this repository or a name in its source, written as package.Name or
// package.Type.name.
func TestArchitecture_namesExist(t *testing.T) {
	names := declared(t)
	prose := fence.ReplaceAllString(document(t, "docs/ARCHITECTURE.md"), "")
	words := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(prose, -1)
	if len(words) < 50 {
		t.Fatalf("only %d names on the page: is it read as it should be?", len(words))
	}
	for _, w := range words {
		if _, err := os.Stat(filepath.FromSlash(w[1])); err != nil && !names[w[1]] {
			t.Errorf("docs/ARCHITECTURE.md names %s, which does not exist", w[1])
		}
	}
}

// declared are the names of the module's source: package.Name, and
// package.Type.name for methods and fields.
func declared(t *testing.T) map[string]bool {
	names := map[string]bool{}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		for _, d := range s.file.Decls {
			for _, name := range declares(d) {
				names[s.file.Name.Name+"."+name] = true
			}
		}
	}
	return names
}

func declares(d ast.Decl) []string {
	var out []string
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return []string{d.Name.Name}
		}
		of := d.Recv.List[0].Type
		if p, ok := of.(*ast.StarExpr); ok {
			of = p.X
		}
		if id, ok := of.(*ast.Ident); ok {
			return []string{id.Name + "." + d.Name.Name}
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				out = append(out, spec.Name.Name)
				for _, f := range members(spec.Type) {
					out = append(out, spec.Name.Name+"."+f)
				}
			case *ast.ValueSpec:
				for _, id := range spec.Names {
					out = append(out, id.Name)
				}
			}
		}
	}
	return out
}

func members(typ ast.Expr) (names []string) {
	var list *ast.FieldList
	switch typ := typ.(type) {
	case *ast.StructType:
		list = typ.Fields
	case *ast.InterfaceType:
		list = typ.Methods
	default:
		return nil
	}
	for _, f := range list.List {
		for _, id := range f.Names {
			names = append(names, id.Name)
		}
	}
	return names
}
