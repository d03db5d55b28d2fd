package web_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// colours reads the custom properties that are plain colours.
func colours(t *testing.T, path string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	found := map[string]string{}
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+): (#[0-9a-f]{3,6})\b`).FindAllStringSubmatch(string(text), -1) {
		found[m[1]] = m[2]
	}
	return found
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	hex = strings.TrimPrefix(hex, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		must(t, err)
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

// TestColours_contrast: text is readable (4.5 : 1) and bars are seen (3 : 1) in
// both themes.
func TestColours_contrast(t *testing.T) {
	light := colours(t, "static/style.css")
	dark := maps.Clone(light)
	maps.Copy(dark, colours(t, "static/dark.css"))
	pairs := map[string][]string{
		"ink": {"ground", "sheet", "raised", "ok-ground", "bad-ground", "slow-ground", "odd-ground", "calm-ground"}, "quiet": {"ground", "sheet", "raised"},
		"link": {"ground", "sheet", "raised"}, "ok": {"ok-ground"}, "slow": {"slow-ground", "sheet"}, "bad": {"bad-ground", "sheet", "raised"}, "odd": {"odd-ground"}, "calm": {"calm-ground"},
		"accent-ink": {"accent"},
	}
	for theme, set := range map[string]map[string]string{"light": light, "dark": dark} {
		for text, grounds := range pairs {
			for _, ground := range grounds {
				if c := contrast(t, set[text], set[ground]); c < 4.5 {
					t.Errorf("%s theme: %s on %s has %.2f : 1", theme, text, ground, c)
				}
			}
		}
		for _, bar := range []string{"beat-ok", "beat-slow", "beat-bad", "beat-odd", "focus", "accent"} {
			if c := contrast(t, set[bar], set["sheet"]); c < 3 {
				t.Errorf("%s theme: %s on the sheet has %.2f : 1", theme, bar, c)
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestAPI_fields keeps the names that programs rely on.
func TestAPI_fields(t *testing.T) {
	s := newSite(t)
	fields := map[string]bool{}
	for name, target := range map[string]string{
		"index": "/api/v1", "overview": "/api/v1/overview", "scenarios": "/api/v1/scenarios", "runs": "/api/v1/scenarios/admin-login/runs?limit=1",
		"run": "/api/v1/runs/" + url.PathEscape(failedRun()), "incidents": "/api/v1/incidents", "incident": "/api/v1/incidents/INC-2026-0042", "deliveries": "/api/v1/deliveries",
	} {
		var doc any
		must(t, json.Unmarshal(s.get(target).Body.Bytes(), &doc))
		walk(name, doc, fields)
	}
	golden(t, "testdata/api.golden", strings.Join(slices.Sorted(maps.Keys(fields)), "\n")+"\n")
}

// walk notes the path and kind of every value; a value that may be null has
// two kinds.
func walk(path string, v any, fields map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for k, child := range v {
			walk(path+"."+k, child, fields)
		}
	case []any:
		for _, child := range v {
			walk(path+"[]", child, fields)
		}
	case nil:
		fields[path+" null"] = true
	default:
		fields[fmt.Sprintf("%s %T", path, v)] = true
	}
}
