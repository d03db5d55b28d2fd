package scenarios

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gengfu/scenarios/strict"
)

func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/*/*.yaml", "*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		set, problems := Parse("f.yaml", data)
		for _, p := range problems {
			if p.Line < 1 || p.Col < 1 || p.Finding == "" {
				t.Errorf("a problem without a place: %+v", p)
			}
		}
		for _, s := range set.Scenarios {
			if s.ID == "" || len(s.Steps) == 0 || s.Card().Interval <= 0 {
				t.Errorf("an unsound scenario: %+v", s.Card())
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	data, err := os.ReadFile("testdata/good/login.yaml")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := Parse("login.yaml", data); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}

// validator checks values against the part of draft-07 that the schema uses.
type validator struct{ definitions map[string]any }

func (v validator) check(schema map[string]any, value any) error {
	if ref, ok := schema["$ref"].(string); ok {
		return v.check(v.definitions[strings.TrimPrefix(ref, "#/definitions/")].(map[string]any), value)
	}
	for _, s := range list(schema["allOf"]) {
		if err := v.check(s.(map[string]any), value); err != nil {
			return err
		}
	}
	if any := list(schema["anyOf"]); any != nil && !slices.ContainsFunc(any, func(s interface{}) bool { return v.check(s.(map[string]interface{}), value) == nil }) {
		return fmt.Errorf("%v fits no form", value)
	}
	if err := checkType(schema, value); err != nil {
		return err
	}
	switch value := value.(type) {
	case map[string]any:
		return v.object(schema, value)
	case []any:
		for _, item := range value {
			if items, ok := schema["items"].(map[string]any); ok {
				if err := v.check(items, item); err != nil {
					return err
				}
			}
		}
	case string:
		if p, ok := schema["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(value) {
			return fmt.Errorf("%q does not match %s", value, p)
		}
		if enum := list(schema["enum"]); enum != nil && !slices.Contains(enum, any(value)) {
			return fmt.Errorf("%q is none of %v", value, enum)
		}
	}
	return nil
}

func (v validator) object(schema, value map[string]any) error {
	for _, name := range list(schema["required"]) {
		if _, ok := value[name.(string)]; !ok {
			return fmt.Errorf("%s is missing", name)
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	for name, item := range value {
		sub, known := properties[name].(map[string]any)
		if !known {
			switch more := schema["additionalProperties"].(type) {
			case bool:
				return fmt.Errorf("%s is not known", name)
			case map[string]any:
				sub = more
			default:
				continue
			}
		}
		if err := v.check(sub, item); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func list(v any) []any { l, _ := v.([]any); return l }

func checkType(schema map[string]any, value any) error {
	types := list(schema["type"])
	if one, ok := schema["type"].(string); ok {
		types = []any{one}
	}
	if types == nil {
		return nil
	}
	kind := "null"
	switch f := value.(type) {
	case string:
		kind = "string"
	case bool:
		kind = "boolean"
	case float64:
		kind = "number"
		if f == float64(int64(f)) && slices.Contains(types, any("integer")) {
			kind = "integer"
		}
	case map[string]any:
		kind = "object"
	case []any:
		kind = "array"
	}
	if !slices.Contains(types, any(kind)) {
		return fmt.Errorf("%v is %s, not %v", value, kind, types)
	}
	return nil
}

// validate says what an editor would say of the first document of a file.
func validate(t *testing.T, file string) error {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var root map[string]any
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	docs := strict.Parse(file, data, &strict.Report{})
	if len(docs) == 0 {
		t.Fatalf("%s has no document", file)
	}
	return validator{root["definitions"].(map[string]any)}.check(root, plain(docs[0].Root))
}

// plain is a node as an editor sees it: numbers and truth values by their look.
func plain(n strict.Node) any {
	switch n.Kind() {
	case strict.Mapping:
		out := map[string]any{}
		m, _ := n.Map()
		for _, e := range m.Entries {
			out[e.Key] = plain(e.Value)
		}
		return out
	case strict.List:
		items, _ := n.Items()
		out := []any{}
		for _, item := range items {
			out = append(out, plain(item))
		}
		return out
	}
	text := n.Text()
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return f
	}
	if text == "true" || text == "false" {
		return text == "true"
	}
	return text
}

func TestSchema_agreesWithTheCheck(t *testing.T) {
	for _, pattern := range []string{
		"*.yaml", "testdata/good/login.yaml", "testdata/good/hand.yaml", "testdata/good/session.yaml", "testdata/good/network.yaml", "testdata/good/rules.yaml",
	} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, file := range files {
			if err := validate(t, file); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
	for _, name := range []string{
		"unknown_verb", "unknown_top_key", "unknown_modifier", "missing_id", "missing_steps", "no_unit", "bad_duration", "budget_text",
		"unknown_severity", "locator_unknown_role", "locator_list", "expect_unknown", "expect_value_no_of", "outcome_unknown", "schedule_text", "device",
		"dialog_word", "at_one_number", "drag_no_to", "network_step", "session_no_login", "session_verb",
		"whenever_both",
	} {
		if err := validate(t, filepath.Join("testdata/bad", name+".yaml")); err == nil {
			t.Errorf("the schema accepts %s", name)
		}
	}
}
