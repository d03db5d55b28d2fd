package sinks_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gengfu/demo/sinks"
)

// The vectors were computed by hand and by the reference library; the bubble's
// clock is moved to their time, as old signatures do not hold.
func TestWebhook_signatureVectors(t *testing.T) {
	tests := []struct {
		id, stamp, signature, body string
		at                         int64
	}{
		{
			"msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", "1674087231", "v1,ARw42xaAApl/nxRo+iPGYwSaMQaOwMo2eyH5JBRA+bQ=",
			`{"type":"contact.created","timestamp":"2022-11-03T20:26:10.344522Z","data":{"id":"1f81eb52-5198-4599-803e-771906343485"}}`, 1674087231,
		},
		{
			"evt_01J8ZK3V7Q4W0N5R2X6Y9T1B8C", "1772789400", "v1,bm90LXRoaXMtb25l v1,JabQglLqjDKwqDakGvNC1J2jkuYq8Ja0bpSKXzbn7Ck=",
			`{"type":"incident.opened","timestamp":"2026-03-06T09:30:00Z","data":{"incident":"INC-2026-0042","seq":1}}`, 1772789400,
		},
	}
	for _, tc := range tests {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(time.Until(time.Unix(tc.at, 0)))
			s := sinks.New(sinks.Config{WebhookSecret: secret})
			call := func() sinks.Webhook {
				r := httptest.NewRequest(http.MethodPost, "/webhook", strings.NewReader(tc.body))
				r.Header.Set("Webhook-Id", tc.id)
				r.Header.Set("Webhook-Timestamp", tc.stamp)
				r.Header.Set("Webhook-Signature", tc.signature)
				s.Handler().ServeHTTP(httptest.NewRecorder(), r)
				calls := s.Webhooks()
				return calls[len(calls)-1]
			}
			if got := call(); !got.Verified {
				t.Errorf("%s: %s", tc.id, got.Problem)
			}
			time.Sleep(6 * time.Minute)
			if got := call(); got.Verified || !got.Duplicate() {
				t.Errorf("%s replayed after six minutes: verified %v, duplicate %v", tc.id, got.Verified, got.Duplicate())
			}
		})
	}
}
