// Package web shows the ledger: pages for people, a JSON API for programs, a
// stream of changes for open pages and /metrics for Prometheus. It only reads;
// what a person does goes through the functions in [Config].
//
// The pages work without JavaScript, in Chinese and English, in a light and a
// dark theme. There are no accounts, so [ListenLoopback] refuses every address
// but this machine's, requests for other host names are refused, and a request
// that changes something must come from the same origin.
//
// # JSON API
//
// Everything lives under /api/v1. Names are snake_case, times RFC 3339 in UTC,
// durations whole milliseconds in fields that end in _ms, shares 0…1. Fields
// may be added; they are not renamed or removed. A POST takes a JSON object
// and answers 202 with what was done. An error is
//
//	{"error": {"code": "not_found", "message": "scenario \"x\": not found"}}
//
// with the codes invalid (400), forbidden (403), not_found (404), conflict
// (409), unavailable (503) and internal (500). The list of addresses is at
// GET /api/v1.
package web
