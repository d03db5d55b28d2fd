package chrome

import (
	"context"
	"fmt"
	"slices"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"

	"gengfu"
)

// maxPaper bounds a PDF, in bytes.
const maxPaper = 10 << 20

// print keeps the page as a PDF, the last one of a run. What is painted over on
// a picture could still be read in a PDF, so a page that shows a secret is not
// printed.
func (r *runner) print(ctx context.Context) error {
	values := []string{}
	if !r.learn(ctx) {
		return &stop{gengfu.Failure{Fault: gengfu.FaultPolicy, Reason: gengfu.ReasonPolicy, Detail: "what the scenario masks could not be found for a PDF"}}
	}
	for _, s := range append(slices.Clone(r.secrets), r.personals...) {
		values = append(values, s.Reveal())
	}
	for _, id := range r.page.frameIDs() {
		var shown bool
		s, world, ok := r.page.here(id)
		if !ok && len(values) == 0 {
			continue
		}
		if !ok {
			return errFrameGone // it cannot be looked through now
		}
		if err := evaluate(ctx, s, world, `(v)=>__gengfu.more.bares(v)`, 0, []any{values}, &shown); err != nil {
			return err
		}
		if shown {
			return &stop{gengfu.Failure{Fault: gengfu.FaultPolicy, Reason: gengfu.ReasonPolicy, Detail: "a PDF would show a secret that the page shows"}}
		}
	}
	out, err := cdp.Call(ctx, r.page.s, cdppage.PrintToPDF, cdppage.PrintToPDFParams{PrintBackground: new(true)})
	if err != nil {
		return fmt.Errorf("print: %w", err)
	}
	if len(out.Data) > maxPaper {
		return scenarioFault("the PDF has %s, more than %s", bytesOf(int64(len(out.Data))), bytesOf(maxPaper))
	}
	r.paper = out.Data
	return nil
}

// keepPaper puts the PDF among the evidence.
func (r *runner) keepPaper() {
	r.keep(gengfu.EvidencePDF, r.paper)
}
