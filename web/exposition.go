package web

import (
	"bufio"
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gengfu"
)

// exposition writes the text format of Prometheus, version 0.0.4: for each
// family its HELP and TYPE, then its samples. A family without samples is not
// written.
type exposition struct {
	out     *bytes.Buffer
	name    string
	pending string // HELP and TYPE of the family, until its first sample
	written map[string]bool
}

// family begins a family; help must not hold a backslash or a line break.
func (f *exposition) family(name, kind, help string) {
	f.name = name
	f.pending = "# HELP " + name + " " + help + "\n# TYPE " + name + " " + kind + "\n"
}

// one is a family of a single gauge.
func (f *exposition) one(name, help string, value float64, labels ...string) {
	f.family(name, "gauge", help)
	f.sample(value, labels...)
}

// sample writes one value; labels are names and values in turn.
func (f *exposition) sample(value float64, labels ...string) {
	f.series("", value, labels)
}

func (f *exposition) series(suffix string, value float64, labels []string) {
	if f.pending != "" {
		f.out.WriteString(f.pending)
		f.pending, f.written[f.name] = "", true
	}
	f.out.WriteString(f.name + suffix)
	for i := 0; i+1 < len(labels); i += 2 {
		f.out.WriteString(map[bool]string{true: "{", false: ","}[i == 0])
		f.out.WriteString(labels[i] + `="` + escape(labels[i+1]) + `"`)
	}
	if len(labels) > 0 {
		f.out.WriteByte('}')
	}
	f.out.WriteString(" " + strconv.FormatFloat(value, 'g', -1, 64) + "\n")
}

// histogram writes cumulative buckets, sum and count.
func (f *exposition) histogram(h *gengfu.Histogram, bounds []time.Duration, labels ...string) {
	bucket := append(slices.Clone(labels), "le", "")
	for _, b := range bounds {
		bucket[len(bucket)-1] = strconv.FormatFloat(b.Seconds(), 'g', -1, 64)
		f.series("_bucket", float64(h.AtMost(b)), bucket)
	}
	bucket[len(bucket)-1] = "+Inf"
	f.series("_bucket", float64(h.Count()), bucket)
	f.series("_sum", h.Sum().Seconds(), labels)
	f.series("_count", float64(h.Count()), labels)
}

// escape makes a label value: only the backslash, the quote and the line feed
// are escaped, every other character stands for itself, and what is not UTF-8
// is replaced.
func escape(v string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(strings.ToValidUTF8(v, "\uFFFD"))
}

// numbered tells two steps of one name apart.
func numbered(index int, name string) string { return fmt.Sprintf("%d %s", index, name) }

// annotate writes samples of the metrics library, family by family, under a
// HELP and a TYPE: the library itself writes an empty HELP, which linters
// refuse. Families that were written before are left out, since a name may
// occur once.
func (f *exposition) annotate(samples []byte) {
	lines := map[string][]string{}
	var order []string
	classic := classicHistograms(samples)
	sc := bufio.NewScanner(bytes.NewReader(samples))
	for sc.Scan() {
		line := sc.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		name := familyOf(line, classic)
		if _, ok := lines[name]; !ok {
			order = append(order, name)
		}
		lines[name] = append(lines[name], line)
	}
	for _, name := range order {
		if f.written[name] {
			continue
		}
		f.family(name, kindOf(name, classic), about(name))
		f.out.WriteString(f.pending + strings.Join(lines[name], "\n") + "\n")
	}
}

// classicHistograms are the names of families with le buckets.
func classicHistograms(samples []byte) map[string]bool {
	names := map[string]bool{}
	for line := range strings.Lines(string(samples)) {
		if name, rest, ok := strings.Cut(line, "_bucket{"); ok && strings.Contains(rest, `le="`) {
			names[name] = true
		}
	}
	return names
}

// familyOf is the name of the family that a sample belongs to; the three parts
// of a histogram with classic buckets are one family.
func familyOf(line string, classic map[string]bool) string {
	name := line[:strings.IndexAny(line+" ", "{ ")]
	for _, part := range []string{"_bucket", "_sum", "_count"} {
		if base, ok := strings.CutSuffix(name, part); ok && classic[base] {
			return base
		}
	}
	return name
}

func kindOf(name string, classic map[string]bool) string {
	switch {
	case classic[name]:
		return "histogram"
	case strings.HasSuffix(name, "_total"):
		return "counter"
	}
	return "untyped"
}

// about says what a family of the process is.
func about(name string) string {
	switch {
	case strings.HasPrefix(name, "go_"):
		return "Runtime figure of Go."
	case strings.HasPrefix(name, "process_"):
		return "Figure of the operating system about this process."
	}
	return "Internal figure of Gengfu."
}
