package chrome

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/chromedp/cdproto"
	"github.com/google/go-cmp/cmp"
)

// TestPipe_envelopes: what is read by the envelope is what a decoder reads, and
// what it cannot be sure of it leaves to one.
func TestPipe_envelopes(t *testing.T) {
	for _, c := range []struct {
		name, message string
		fast          bool
	}{
		{"answer", `{"id":7,"result":{"value":"x"},"sessionId":"AB12"}`, true},
		{"answer of the browser", `{"id":7,"result":{}}`, true},
		{"event", `{"method":"Page.loadEventFired","params":{"timestamp":1.5},"sessionId":"AB12"}`, true},
		{"event that names a session itself", `{"method":"Target.attachedToTarget","params":{"x":{"y":1},"sessionId":"Z"}}`, true},
		{"event of the browser that ends with a session in a value", `{"method":"A.b","params":{"x":{"a":1,"sessionId":"Z"}}}`, true},
		{"text like the end of an envelope", `{"method":"A.b","params":{"t":"x\",\"sessionId\":\"Q\"}"},"sessionId":"AB12"}`, true},
		{"text like a key", `{"method":"A.b","params":{"t":"\",\"params\":{"},"sessionId":"AB12"}`, true},
		{"error", `{"id":7,"error":{"code":-32000,"message":"no"},"sessionId":"AB12"}`, false},
		{"other order", `{"sessionId":"AB12","id":7,"result":{}}`, false},
		{"without parameters", `{"method":"A.b","sessionId":"AB12"}`, false},
		{"spaces", `{ "id": 7, "result": {} }`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got, want cdproto.Message
			if fast := unpack([]byte(c.message), &got); fast != c.fast {
				t.Fatalf("read by its envelope: %v, want %v", fast, c.fast)
			}
			if err := decode([]byte(c.message), &want); err != nil {
				t.Fatal(err)
			}
			p := newPipe(io.NopCloser(strings.NewReader("\x00"+c.message+"\x00")), nil)
			got = cdproto.Message{}
			if err := p.Read(t.Context(), &got); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-decoder +pipe)\n%s", d)
			}
		})
	}
}

// TestPipe_together: what is held goes in one write, in order, and as JSON.
func TestPipe_together(t *testing.T) {
	var w writes
	p := newPipe(io.NopCloser(strings.NewReader("")), &w)
	send := func(id int64) {
		m := cdproto.Message{ID: id, Method: "Page.enable", SessionID: "AB12", Params: []byte(`{"a":"b"}`)}
		if err := p.Write(context.Background(), &m); err != nil {
			t.Fatal(err)
		}
	}
	send(1)
	p.hold()
	send(2)
	p.hold()
	send(3)
	p.release()
	send(4)
	p.release()
	send(5)
	if len(w) != 3 || strings.Count(w[1], "\x00") != 3 {
		t.Fatalf("%d writes: %q", len(w), []string(w))
	}
	id := int64(0)
	for part := range strings.SplitSeq(strings.TrimSuffix(strings.Join(w, ""), "\x00"), "\x00") {
		var m struct {
			ID                int64
			Method, SessionID string
			Params            map[string]string
		}
		if err := json.Unmarshal([]byte(part), &m); err != nil {
			t.Fatalf("%q: %v", part, err)
		}
		if id++; m.ID != id || m.Method != "Page.enable" || m.SessionID != "AB12" || m.Params["a"] != "b" {
			t.Errorf("message %d is %q", id, part)
		}
	}
	if err := p.Read(t.Context(), new(cdproto.Message)); !errors.Is(err, io.EOF) {
		t.Errorf("reading on gives %v", err)
	}
}

type writes []string

func (w *writes) Write(b []byte) (int, error) { *w = append(*w, string(b)); return len(b), nil }
func (w *writes) Close() error                { return nil }
