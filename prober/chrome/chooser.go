package chrome

import (
	"context"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	cdppage "github.com/chromedp/cdproto/page"

	"gengfu"
)

// listenHand notes what a press may set going: a file chooser, a drag.
func (p *page) listenHand(s *session) {
	on(s, cdppage.FileChooserOpened, func(e *cdppage.EventFileChooserOpened) {
		select {
		case p.choosers <- chooser{s, e.BackendNodeID}:
		default:
		}
	})
	on(s, input.DragIntercepted, func(e *input.EventDragIntercepted) {
		select {
		case p.drags <- e.Data:
		default:
		}
	})
}

// chooserTime bounds the wait for a file chooser after a press.
const chooserTime = 3 * time.Second

// chooser is a file chooser that a page has opened for an input.
type chooser struct {
	s    *session
	node cdp.BackendNodeID
}

// give hands a file to the element that the script resolved last: an input for
// files, or a button that opens a chooser when it is pressed.
func (r *runner) give(ctx context.Context, id cdp.FrameID, q *query, path string) error {
	rep, err := r.page.ask(ctx, id, `()=>__gengfu.isFile()`)
	if err != nil {
		return err
	}
	if rep.On {
		s, node, err := r.lastNode(ctx, id)
		if err != nil {
			return err
		}
		return setFile(ctx, chooser{s, node.BackendNodeID}, path)
	}
	s, _, err := r.page.world(ctx, id)
	if err != nil {
		return err
	}
	for len(r.page.choosers) > 0 { // of an earlier press
		<-r.page.choosers
	}
	catch := func(yes bool) error {
		return s.Call(ctx, cdppage.CommandSetInterceptFileChooserDialog, cdppage.SetInterceptFileChooserDialogParams{Enabled: yes}, nil)
	}
	if err := catch(true); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	defer func() { _ = catch(false) }() // the page may be gone
	if err := r.press(ctx, id, q, needs{}); err != nil {
		return err
	}
	late := time.NewTimer(max(0, min(patience(ctx), chooserTime)))
	defer late.Stop()
	select {
	case c := <-r.page.choosers:
		return setFile(ctx, c, path)
	case <-ctx.Done():
		return stalled(ctx, nil)
	case <-late.C:
		return &stop{gengfu.Failure{
			Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonExpect,
			Want: "file-chooser " + q.words, Seen: "nothing", Waited: chooserTime,
		}}
	}
}

func setFile(ctx context.Context, c chooser, path string) error {
	if c.node == 0 {
		return &stop{gengfu.Failure{
			Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonExpect,
			Want: "file-chooser input", Seen: "window.showOpenFilePicker",
		}}
	}
	_, err := cdp.Call(ctx, c.s, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{path}, BackendNodeID: c.node})
	if err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	return nil
}
