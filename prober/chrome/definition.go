package chrome

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"slices"

	"gengfu/scenarios"
)

// definition is the digest of all that the steps of a log-in do: their verbs and
// elements, addresses, and the values of variables and secrets in them. Names and
// budgets do not matter, nor in which file the steps stand.
func (r *runner) definition(se *scenarios.Session) (string, error) {
	d := definer{r: r}
	d.walk(reflect.ValueOf(se.Login))
	return r.vault.Digest(d.out.Bytes())
}

// definer writes values down so that different ones never look alike.
type definer struct {
	r   *runner
	out bytes.Buffer
}

func (d *definer) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		d.pointed(v)
	case reflect.Slice, reflect.Array:
		fmt.Fprintf(&d.out, "%d[", v.Len())
		for i := range v.Len() {
			d.walk(v.Index(i))
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return bytes.Compare([]byte(a.String()), []byte(b.String())) })
		for _, k := range keys {
			fmt.Fprintf(&d.out, "%q:", k.String())
			d.walk(v.MapIndex(k))
		}
	case reflect.Struct:
		d.structure(v)
	case reflect.String:
		fmt.Fprintf(&d.out, "%q", v.String())
	default:
		fmt.Fprintf(&d.out, "%v,", v.Interface())
	}
}

func (d *definer) pointed(v reflect.Value) {
	if v.IsNil() {
		d.out.WriteByte('-')
		return
	}
	if p, ok := v.Interface().(*regexp.Regexp); ok {
		fmt.Fprintf(&d.out, "/%q", p.String())
		return
	}
	d.walk(v.Elem())
}

func (d *definer) structure(v reflect.Value) {
	switch of := v.Interface().(type) {
	case scenarios.Pos, scenarios.Budget:
		return
	case scenarios.Text:
		d.text(of)
		return
	case scenarios.JSONValue:
		of.Walk(d.text, func(word string) { fmt.Fprintf(&d.out, "%q,", word) })
		return
	case scenarios.Path:
		fmt.Fprintf(&d.out, "%q", of.String())
		return
	}
	_, step := v.Interface().(scenarios.Step)
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || step && (f.Name == "Name" || f.Name == "Fragment") {
			continue
		}
		fmt.Fprintf(&d.out, "%s{", f.Name)
		d.walk(v.Field(i))
	}
}

// text writes what the text stands for. What an earlier step is yet to save is
// written as the author did.
func (d *definer) text(t scenarios.Text) {
	v, err := t.Resolve(&d.r.env)
	if err != nil || t.Generated() { // another one in each run
		v.Text = t.Source()
	}
	fmt.Fprintf(&d.out, "%q", v.Text)
}
