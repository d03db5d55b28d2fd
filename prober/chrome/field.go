package chrome

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"

	"gengfu"
	"gengfu/scenarios"
)

// entry is a field and the text it is to get.
type entry struct {
	Q      *query `json:"q"`
	Value  string `json:"value"`
	Secret bool   `json:"secret"`
	Keys   bool   `json:"keys"` // type it key by key
}

// fill puts values into the fields, each replacing the old one. Fields of one
// frame that stand side by side are filled in one go.
func (r *runner) fill(ctx context.Context, st *scenarios.Step) error {
	var list []entry
	var in cdp.FrameID
	for _, pair := range st.Fields {
		id, q, v, err := r.field(ctx, st, pair, useField)
		if err != nil {
			return err
		}
		if id != in && len(list) > 0 {
			if err := r.fillIn(ctx, in, list); err != nil {
				return err
			}
			list = nil
		}
		in = id
		list = append(list, entry{Q: q, Value: v.Text, Secret: v.Secret, Keys: st.ByKeys})
	}
	return r.fillIn(ctx, in, list)
}

// field compiles one entry of a form: its frame, what is meant, and the value.
func (r *runner) field(ctx context.Context, st *scenarios.Step, pair scenarios.Pair, use string) (id cdp.FrameID, q *query, v scenarios.Value, err error) {
	if q, err = r.compile(pair.Field, use); err != nil {
		return "", nil, v, err
	}
	if v, err = r.resolve(pair.Value); err != nil {
		return "", nil, v, err
	}
	id, err = r.frameOf(ctx, st.Frame, pair.Field.Frame)
	return id, q, v, err
}

// fillIn fills fields of one frame. A document that goes away meanwhile takes
// what was filled with it, so its successor gets all of it.
func (r *runner) fillIn(ctx context.Context, id cdp.FrameID, list []entry) error {
	r.fills++
	for at, pressed := 0, 0; at < len(list); {
		rep, err := r.page.ask(ctx, id, `(l,i,n,p,b)=>__gengfu.fillAll(l,i,n,p,b)`, list, at, r.fills, pressed, budget{})
		if err != nil {
			return err
		}
		at = rep.Field
		switch {
		case rep.Fresh:
			at, pressed = 0, 0
		case rep.On:
			if err := r.press(ctx, id, list[at].Q, needs{Control: true}); err != nil {
				return err
			}
			pressed = at + 1
		case rep.OK && !rep.Type:
			return nil
		case rep.OK:
			list[at].Keys = list[at].Keys || rep.Done
			if err := r.typeIn(ctx, id, list[at]); err != nil {
				return err
			}
			at++
		case rep.Why == "bad_value":
			return r.reason(list[at].Q, gengfu.Failure{Fault: gengfu.FaultScenario, Reason: gengfu.ReasonBadValue, Detail: "<input type=" + rep.Seen + ">"})
		default:
			return r.unready(list[at].Q, rep)
		}
	}
	return nil
}

// typeIn types into the field that is prepared.
func (r *runner) typeIn(ctx context.Context, id cdp.FrameID, e entry) (err error) {
	switch {
	case e.Value == "":
		err = r.answered(ctx, r.key(keyNamed("Delete"), 0))
	case e.Keys:
		err = r.typeKeys(ctx, e.Value)
	default:
		err = r.answered(ctx, r.page.s.send(input.CommandInsertText, input.InsertTextParams{Text: e.Value}))
	}
	if err != nil {
		return err
	}
	rep, err := r.page.ask(ctx, id, `(v)=>__gengfu.kept(v)`, e.Value != "")
	if err == nil && !rep.OK {
		return r.unready(e.Q, rep)
	}
	return err
}

// choose does a select step, for native lists and for drawn ones.
func (r *runner) choose(ctx context.Context, st *scenarios.Step) error {
	for _, pair := range st.Fields {
		id, q, v, err := r.field(ctx, st, pair, useField)
		if err != nil {
			return err
		}
		rep, err := r.page.ask(ctx, id, `(q,v,b)=>__gengfu.chooseOption(q,v,b)`, q, v.Text, budget{})
		if err != nil {
			return err
		}
		if !rep.OK {
			return r.unready(q, rep)
		}
		if !rep.Custom {
			continue
		}
		if !rep.On {
			if err := r.press(ctx, id, q, needs{Control: true}); err != nil {
				return err
			}
		}
		option := &query{Kind: "bare", Value: v.Text, Use: useOption, words: fmt.Sprintf("%s → “%s”", q.words, v.Text)}
		if err := r.press(ctx, id, option, needs{Exact: true}); err != nil {
			return err
		}
	}
	return nil
}

// upload gives files to file inputs, hidden ones too.
func (r *runner) upload(ctx context.Context, st *scenarios.Step) error {
	for _, pair := range st.Fields {
		id, q, v, err := r.field(ctx, st, pair, useFile)
		if err != nil {
			return err
		}
		path, err := r.fileOf(st, v.Text)
		if err != nil {
			return err
		}
		rep, err := r.page.ask(ctx, id, `(q,n,b)=>__gengfu.ready(q,n,b)`, q, needs{Hidden: true, Control: true, Enabled: true}, budget{})
		if err != nil {
			return err
		}
		if !rep.OK {
			return r.unready(q, rep)
		}
		if err := r.give(ctx, id, q, path); err != nil {
			return err
		}
	}
	return nil
}

// fileOf writes a step's file where the browser can read it; it goes with the
// run's context.
func (r *runner) fileOf(st *scenarios.Step, name string) (string, error) {
	data, ok := st.Files[name]
	if !ok {
		return "", scenarioFault("file %s was not loaded with the scenario", name)
	}
	dir, err := os.MkdirTemp(r.page.engine.proc.profile, "upload-")
	if err != nil {
		return "", fmt.Errorf("upload: %w", err)
	}
	r.page.set.uploads = append(r.page.set.uploads, dir)
	path := filepath.Join(dir, filepath.Base(name))
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return "", fmt.Errorf("upload: %w", err)
	}
	return path, nil
}

// lastNode describes the element that the script resolved last, and names the
// session that knows it.
func (r *runner) lastNode(ctx context.Context, id cdp.FrameID) (*session, *cdp.Node, error) {
	s, world, err := r.page.world(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	res, err := cdp.Call(ctx, s, runtime.CallFunctionOn, runtime.CallFunctionOnParams{FunctionDeclaration: `()=>__gengfu.last()`, UniqueContextID: world})
	if err != nil {
		return nil, nil, gone(err)
	}
	node, err := cdp.Call(ctx, s, dom.DescribeNode, dom.DescribeNodeParams{ObjectID: res.Result.ObjectID})
	if err != nil {
		return nil, nil, gone(err)
	}
	return s, node.Node, nil
}
