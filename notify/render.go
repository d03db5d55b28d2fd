package notify

import (
	"bytes"
	"embed"
	"fmt"
	htmltemplate "html/template"
	"strings"
	"text/template"
)

//go:embed templates
var templates embed.FS

// layouts turn messages into text and HTML. The templates have no functions
// but those of the language.
type layouts struct {
	text *template.Template
	html *htmltemplate.Template
}

func parseLayouts() (layouts, error) {
	text, err := template.ParseFS(templates, "templates/message.txt")
	if err != nil {
		return layouts{}, fmt.Errorf("read the text template: %w", err)
	}
	html, err := htmltemplate.ParseFS(templates, "templates/message.html")
	if err != nil {
		return layouts{}, fmt.Errorf("read the HTML template: %w", err)
	}
	return layouts{text: text.Option("missingkey=error"), html: html.Option("missingkey=error")}, nil
}

func (l layouts) plain(m message) (string, error) {
	var b strings.Builder
	if err := l.text.Execute(&b, m); err != nil {
		return "", fmt.Errorf("render text: %w", err)
	}
	return b.String(), nil
}

func (l layouts) page(m message) (string, error) {
	var b bytes.Buffer
	if err := l.html.Execute(&b, m); err != nil {
		return "", fmt.Errorf("render HTML: %w", err)
	}
	return b.String(), nil
}
