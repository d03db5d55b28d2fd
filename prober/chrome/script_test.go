package chrome

import (
	"testing"

	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/chromedp"
)

// TestScript_isSmall: all that a log-in sends to the browser is to stay under
// 40 KiB. Without the script it is 6.3 KB in 29 commands.
func TestScript_isSmall(t *testing.T) {
	t.Parallel()
	sent, err := jsonv2.Marshal(script(), chromedp.DefaultMarshalOptions)
	if err != nil {
		t.Fatal(err)
	}
	if len(sent) > 34_600 {
		t.Errorf("the script is %d bytes on its way to the browser: bring what few questions need along with them, see inject/more", len(sent))
	}
	if n := len(bringMore()); n > 12_000 {
		t.Errorf("the rest is %d bytes: not made small", n)
	}
}
