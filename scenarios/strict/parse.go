package strict

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Limits of one file. A scenario is a few hundred nodes; a file that passes
// these is broken or hostile.
const (
	MaxFile      = 1 << 20 // bytes
	MaxDocuments = 200     // in one file
	MaxNodes     = 5000    // in one document
	MaxDepth     = 40      // of nesting
	MaxExpansion = 1000    // nodes reached through aliases in one document
)

// Document is one YAML document of a file.
type Document struct {
	Root   Node
	Source string // as the author wrote it, without the line of dashes
}

// Parse reads the documents of a file. Mistakes go to rep, and a document with
// a mistake in its syntax or over a limit is left out; the others are returned,
// so that one broken document does not hide the mistakes of the next. Empty
// documents are left out in silence.
func Parse(file string, data []byte, rep *Report) []Document {
	if len(data) > MaxFile {
		rep.Problem(Problem{
			File: file, Line: 1, Col: 1,
			Finding: fmt.Sprintf("the file has %d bytes", len(data)),
			Remedy:  fmt.Sprintf("at most %d are read; split it", MaxFile),
		})
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if p, bad := notUTF8(file, data); bad {
		rep.Problem(p)
		return nil
	}
	chunks := split(string(data))
	if len(chunks) > MaxDocuments {
		rep.Problem(Problem{
			File: file, Line: chunks[MaxDocuments].line + 1, Col: 1,
			Finding: fmt.Sprintf("the file has %d documents", len(chunks)),
			Remedy:  fmt.Sprintf("at most %d are read; split it", MaxDocuments),
		})
		chunks = chunks[:MaxDocuments]
	}
	var docs []Document
	for _, c := range chunks {
		if d, ok := c.parse(file, rep); ok {
			docs = append(docs, d)
		}
	}
	return docs
}

// notUTF8 finds the first byte that is not UTF-8: the usual cause is an editor
// that saved GBK.
func notUTF8(file string, data []byte) (Problem, bool) {
	if utf8.Valid(data) {
		return Problem{}, false
	}
	line, col := 1, 1
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		col++
		if r == '\n' {
			line, col = line+1, 1
		}
		i += size
	}
	return Problem{File: file, Line: line, Col: col, Finding: "the file is not UTF-8", Remedy: "save it as UTF-8"}, true
}

// chunk is the text of one document; line counts the file's lines before it.
type chunk struct {
	text string
	line int
}

// split cuts a file at its lines of three dashes, so that each document is
// parsed, placed and told alone.
func split(text string) []chunk {
	var out []chunk
	var b strings.Builder
	start, line := 0, 0
	for l := range strings.Lines(text) {
		bare := strings.TrimRight(l, "\r\n")
		if bare == "---" || strings.HasPrefix(bare, "--- ") {
			out = append(out, chunk{text: b.String(), line: start})
			b.Reset()
			start = line
		}
		b.WriteString(l)
		line++
	}
	return append(out, chunk{text: b.String(), line: start})
}

func (c chunk) parse(file string, rep *Report) (Document, bool) {
	dec := yaml.NewDecoder(strings.NewReader(c.text))
	var y yaml.Node
	if err := dec.Decode(&y); err != nil {
		if !c.blank() {
			p := diagnose(c.text, err)
			p.File, p.Line = file, p.Line+c.line
			rep.Problem(p)
		}
		return Document{}, false
	}
	if len(y.Content) == 0 || !newInspector(file, c.line, rep).document(y.Content[0]) {
		return Document{}, false
	}
	root := y.Content[0]
	if root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" {
		return Document{}, false
	}
	var more yaml.Node
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		rep.Problem(Problem{
			File: file, Line: c.line + c.ended(), Col: 1,
			Finding: "text follows the end of the document", Remedy: "start another document with ---",
		})
		return Document{}, false
	}
	source := strings.TrimLeft(strings.TrimRight(strings.TrimPrefix(c.text, "---"), " \t\r\n"), "\r\n") + "\n"
	return Document{Root: Node{y: root, file: file, rep: rep}, Source: source}, true
}

// ended is the line, from 1, of the mark that ends the document early.
func (c chunk) ended() int {
	line := 0
	for l := range strings.Lines(c.text) {
		if line++; strings.HasPrefix(l, "...") {
			return line
		}
	}
	return 1
}

// blank reports whether the chunk holds comments and white space only.
func (c chunk) blank() bool {
	for l := range strings.Lines(c.text) {
		if l = strings.TrimSpace(l); l != "" && l != "---" && !strings.HasPrefix(l, "#") {
			return false
		}
	}
	return true
}
