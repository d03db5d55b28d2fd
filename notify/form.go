package notify

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
)

// form is a template of the operator's. What it puts in is escaped for the
// kind of body by itself, as html/template does for pages; of functions there
// are few, none of which reaches out of the message or runs for long.
type form struct {
	kind string // content type
	text *template.Template
}

// formFuncs are all that a template may call, besides escape, which is added.
var formFuncs = []string{"and", "or", "not", "eq", "ne", "len", "upper", "lower", "cut"}

// escaping is the function that every output goes through.
const escaping = "_escape"

func parseForm(c Config) (form, error) {
	f := form{kind: cmp.Or(c.ContentType, typeJSON)}
	if c.Method == http.MethodGet {
		f.kind = typeForm
	}
	t, err := template.New("body").Option("missingkey=error").Funcs(template.FuncMap{
		"upper": strings.ToUpper, "lower": strings.ToLower,
		"cut":    func(limit int, text string) string { return cut(text, max(limit, len(ellipsis))) },
		escaping: f.escape,
	}).Parse(c.Body)
	if err != nil {
		return form{}, plainly(err)
	}
	if len(t.Templates()) > 1 {
		return form{}, errors.New("defines templates, want one")
	}
	if t.Tree == nil {
		return form{}, errors.New("is empty, want a template")
	}
	if err := guardForm(t.Tree, t.Root); err != nil {
		return form{}, err
	}
	f.text = t
	return f, nil
}

// escape writes a value into a body of the form's kind.
func (f form) escape(v any) (string, error) {
	text := fmt.Sprint(v)
	switch f.kind {
	case typeForm:
		return url.QueryEscape(text), nil
	case typeJSON:
		quoted, err := json.Marshal(text)
		if err != nil {
			return "", err
		}
		return string(quoted[1 : len(quoted)-1]), nil
	}
	return text, nil
}

// guardForm refuses what is not in the closed set and sends every output
// through the escape.
func guardForm(tree *parse.Tree, n parse.Node) error {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return nil
		}
		for _, child := range n.Nodes {
			if err := guardForm(tree, child); err != nil {
				return err
			}
		}
	case *parse.ActionNode:
		if err := guardPipe(n.Pipe); err != nil {
			return err
		}
		if len(n.Pipe.Decl) == 0 {
			name := parse.NewIdentifier(escaping).SetTree(tree).SetPos(n.Pos)
			n.Pipe.Cmds = append(n.Pipe.Cmds, &parse.CommandNode{NodeType: parse.NodeCommand, Pos: n.Pos, Args: []parse.Node{name}})
		}
	case *parse.IfNode:
		return errors.Join(guardPipe(n.Pipe), guardForm(tree, n.List), guardForm(tree, n.ElseList))
	case *parse.TextNode, *parse.CommentNode:
	default:
		return fmt.Errorf("uses %s, want {{.Field}}, {{if}} and the functions %s", n, strings.Join(formFuncs, ", "))
	}
	return nil
}

func guardPipe(p *parse.PipeNode) error {
	for _, c := range p.Cmds {
		for _, arg := range c.Args {
			switch arg := arg.(type) {
			case *parse.IdentifierNode:
				if !slices.Contains(formFuncs, arg.Ident) {
					return fmt.Errorf("calls %s, want one of %s", arg.Ident, strings.Join(formFuncs, ", "))
				}
			case *parse.PipeNode:
				if err := guardPipe(arg); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (f form) fill(facts gatewayFacts) (string, error) {
	var b strings.Builder
	if err := f.text.Execute(&b, facts); err != nil {
		return "", plainly(err)
	}
	if b.Len() > gatewayBody {
		return "", fmt.Errorf("is over %d bytes when it is filled in", gatewayBody)
	}
	return b.String(), nil
}

// plainly is the error of a template without the words in front of it.
func plainly(err error) error {
	return errors.New(strings.TrimPrefix(err.Error(), "template: "))
}
