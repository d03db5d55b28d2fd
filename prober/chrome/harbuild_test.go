package chrome

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/network"

	"gengfu"
)

// secured is a chain of two requests over TLS whose first answer came from the
// cache, so that the one pair of extra events belongs to the second.
func secured(r *recorder, early bool) {
	r.main = "frame"
	sent := func(at float64, url string, before *network.Response) {
		r.requestSent(nil, &network.EventRequestWillBeSent{
			RequestID: "L", LoaderID: "L", FrameID: "frame", Type: network.ResourceTypeDocument, Timestamp: cdp.MonotonicTime(at),
			WallTime: 1_790_000_000, Initiator: &network.Initiator{Type: "other"},
			Request: &network.Request{URL: url, Method: "GET", Headers: network.Headers{"User-Agent": "x"}}, RedirectResponse: before,
		}, "frame")
	}
	extras := func() {
		for method, body := range map[string]string{
			network.RequestWillBeSentExtraInfo.Method: `{"requestId":"L","headers":{":path":"/b?token=1","Cookie":"a=1; b=2"},"associatedCookies":[{"cookie":{"name":"a","value":"1"},"blockedReasons":[]},{"cookie":{"name":"c","value":"1"},"blockedReasons":["SecureOnly"]}],"connectTiming":{"requestTime":1}}`,
			network.ResponseReceivedExtraInfo.Method:  `{"requestId":"L","headers":{"set-cookie":"x=1; Path=/\ny=2"},"statusCode":200,"headersText":"HTTP/1.1 200 OK\r\n\r\n","blockedCookies":[],"resourceIPAddressSpace":"Public","cookiePartitionKeyOpaque":false}`,
		} {
			r.har.add(1, nil, extra{method, jsonv2.Value(body)})
		}
	}
	sent(100, "https://platform.example/a", nil)
	sent(100.01, "https://platform.example/b?token=1", &network.Response{Status: 301, FromDiskCache: true, Headers: network.Headers{"location": "/b?token=1"}})
	if early {
		extras()
	}
	r.responseReceived(nil, &network.EventResponseReceived{
		RequestID: "L", Timestamp: 100.2, HasExtraInfo: true,
		Response: &network.Response{
			Status: 200, StatusText: "OK", MimeType: "text/html", Protocol: "h2", RemoteIPAddress: "[2001:db8::1]", ConnectionID: 7,
			Timing: &network.ResourceTiming{
				RequestTime: 100.02, DNSStart: 1, DNSEnd: 4, ConnectStart: 4, ConnectEnd: 34, SslStart: 14, SslEnd: 34, SendStart: 34.5, SendEnd: 35,
				ReceiveHeadersStart: 135, ReceiveHeadersEnd: 136,
			},
			SecurityDetails: &network.SecurityDetails{Protocol: "TLS 1.3", Cipher: "AES_128_GCM", Issuer: "CA", SubjectName: "platform.example", ValidFrom: 1_780_000_000, ValidTo: 1_800_000_000},
		},
	})
	if !early {
		extras()
	}
	r.loadingFinished(nil, &network.EventLoadingFinished{RequestID: "L", Timestamp: 100.255, EncodedDataLength: 1000})
}

// TestArchive_dealsExtrasToTheirHop, whether they come before the answer or
// after it, and counts ssl as a part of connect.
func TestArchive_dealsExtrasToTheirHop(t *testing.T) {
	for _, early := range []bool{true, false} {
		r := newRecorder(slot().Due)
		secured(r, early)
		data := r.archive(product{"Gengfu", "1"}, product{"Chrome", "1"}, nil)
		validate(t, data)
		var a archive
		if err := json.Unmarshal(data, &a); err != nil {
			t.Fatal(err)
		}
		first, second := a.Log.Entries[0], a.Log.Entries[1]
		if first.FromCache != "disk" || len(first.Request.Cookies) != 0 || headerOf(first.Request.Headers, "User-Agent") != "x" || first.Response.RedirectURL != "/b?token=***" {
			t.Errorf("early %t: the first hop is %+v", early, first)
		}
		if len(second.Request.Cookies) != 1 || len(second.Response.Cookies) != 2 || headerOf(second.Request.Headers, ":path") != "/b?token=***" {
			t.Errorf("early %t: the second hop is %+v", early, second)
		}
		want := harTimings{Blocked: 11.5, DNS: 3, Connect: 30, SSL: 20, Send: 0.5, Wait: 100, Receive: 100}
		if second.Timings != want || second.Time != 245 || second.ServerIP != "2001:db8::1" || second.Response.BodySize != 1000-19 {
			t.Errorf("early %t: %+v, %f ms, %s, %d bytes", early, second.Timings, second.Time, second.ServerIP, second.Response.BodySize)
		}
		if s := second.Security; s == nil || *s != (harSecurity{"TLS 1.3", "platform.example", "CA", 1_780_000_000, 1_800_000_000}) {
			t.Errorf("security %+v", s)
		}
	}
}

// TestMeasures_ofASecureConnection: phases without overlap, and the certificate.
func TestMeasures_ofASecureConnection(t *testing.T) {
	r := newRecorder(slot().Due)
	secured(r, true)
	var run gengfu.Run
	r.fill(&run)
	p := run.Pages[0]
	want := gengfu.Phases{DNS: 3 * time.Millisecond, Connect: 10 * time.Millisecond, TLS: 20 * time.Millisecond, Wait: 100 * time.Millisecond, Download: 100 * time.Millisecond}
	p.Phases.Download = p.Phases.Download.Round(time.Millisecond)
	if p.Phases != want {
		t.Errorf("phases %+v", p.Phases)
	}
	if p.TLS == nil || p.TLS.Issuer != "CA" || p.TLS.DaysLeft(p.TLS.To.Add(-36*time.Hour)) != 1 || p.TLS.DaysLeft(p.TLS.To.Add(time.Hour)) != -1 {
		t.Errorf("certificate %+v", p.TLS)
	}
}

// TestArchive_holdsFramesOnce, in the same process or another.
func TestArchive_holdsFramesOnce(t *testing.T) {
	s := parse(t, framed(t).URL, "browser: {har: always}\nsteps:\n  - goto: {url: \"${base}/\", until: load}\n")
	for _, p := range []*Pool{pool, fullChromium(t)} {
		r := p.Run(t.Context(), s, slot(), nil)
		mustPass(t, r)
		docs := 0
		for _, e := range archiveOf(t, r).Entries {
			if e.Type == "document" && !e.Incomplete && e.Response.Status == 200 && len(e.Request.Headers) > 4 {
				docs++
			}
		}
		if docs != 7 {
			t.Errorf("%s: %d documents, want the page, four frames and two inside them", r.Browser, docs)
		}
	}
}
