package chrome

import (
	"context"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"

	"gengfu/scenarios"
)

// namedKeys finds keys by their DOM name: Enter, ArrowDown, a.
var namedKeys = sync.OnceValue(func() map[string]*kb.Key {
	out := map[string]*kb.Key{"Space": kb.Keys[' ']}
	for _, k := range kb.Keys {
		if old := out[k.Key]; old == nil || len(k.Code) < len(old.Code) { // Enter, not NumpadEnter
			out[k.Key] = k
		}
	}
	return out
})

func keyNamed(name string) *kb.Key { return namedKeys()[name] }

// modifiers as the protocol counts them.
var modifierBits = map[string]int64{"Alt": 1, "Control": 2, "Meta": 4, "Shift": 8}

// key sends a key's down and up together and returns the last call.
func (r *runner) key(k *kb.Key, modifiers int64) *call {
	down := input.DispatchKeyEventParams{
		Type: input.DispatchKeyEventTypeKeyDown, Modifiers: modifiers, Key: k.Key, Code: k.Code,
		WindowsVirtualKeyCode: k.Windows, NativeVirtualKeyCode: k.Native,
	}
	up := down
	up.Type = input.DispatchKeyEventTypeKeyUp
	if k.Print && modifiers&^modifierBits["Shift"] == 0 {
		down.Text, down.UnmodifiedText = k.Text, k.Unmodified
	}
	if down.Text == "" {
		down.Type = input.DispatchKeyEventTypeRawKeyDown
	}
	if modifiers == modifierBits["Control"] && k.Key == "a" {
		down.Commands = []string{"selectAll"}
	}
	r.page.touched()
	defer r.page.s.conn.together()()
	r.page.s.send(input.CommandDispatchKeyEvent, down)
	return r.page.s.send(input.CommandDispatchKeyEvent, up)
}

// hit does a press step: Enter, a, Control+A, in the focused element or in one
// that is focused first.
func (r *runner) hit(ctx context.Context, st *scenarios.Step) error {
	var bits int64
	parts := strings.Split(st.Key, "+")
	for _, m := range parts[:len(parts)-1] {
		bit, ok := modifierBits[m]
		if !ok {
			return scenarioFault("unknown modifier %s in key %s", m, st.Key)
		}
		bits |= bit
	}
	name := parts[len(parts)-1]
	if bits != 0 && len(name) == 1 {
		name = strings.ToLower(name)
	}
	k := keyNamed(name)
	if k == nil {
		return scenarioFault("unknown key %s", st.Key)
	}
	if st.Target != nil {
		id, q, err := r.target(ctx, st, useField)
		if err != nil {
			return err
		}
		const focus = `async (q,b)=>{const r=await __gengfu.ready(q,{enabled:true,control:true},b);if(r.ok)__gengfu.last().focus();return r}`
		rep, err := r.page.ask(ctx, id, focus, q, budget{})
		if err != nil {
			return err
		}
		if !rep.OK {
			return r.unready(q, rep)
		}
	}
	return r.answered(ctx, r.key(k, bits))
}
