package chrome

import (
	"context"
	"strings"

	"github.com/chromedp/cdproto/cdp"

	"gengfu/scenarios"
)

// frameOf resolves frame locators, outermost first, to a frame of the page.
func (r *runner) frameOf(ctx context.Context, frames ...[]scenarios.Locator) (cdp.FrameID, error) {
	id := r.page.main
	for _, list := range frames {
		for _, l := range list {
			next, err := r.childFrame(ctx, id, l)
			if err != nil {
				return "", err
			}
			id = next
		}
	}
	return id, nil
}

func (r *runner) childFrame(ctx context.Context, id cdp.FrameID, l scenarios.Locator) (cdp.FrameID, error) {
	q, err := r.compile(l, useControl)
	if err != nil {
		return "", err
	}
	rep, err := r.page.ask(ctx, id, `(q,b)=>__gengfu.ready(q,{},b)`, q, budget{})
	if err != nil {
		return "", err
	}
	if !rep.OK {
		return "", r.unready(q, rep)
	}
	_, node, err := r.lastNode(ctx, id)
	if err != nil {
		return "", err
	}
	if node.FrameID == "" {
		return "", scenarioFault("%s is a %s, not a frame", q.words, strings.ToLower(node.NodeName))
	}
	return node.FrameID, nil
}
