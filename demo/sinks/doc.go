// Package sinks holds the receivers at the other end of Gengfu's notifications:
// a mail server, a webhook endpoint and a workspace that speaks Slack's API.
// The demonstration shows what arrives in them; tests use them as strict fakes
// that refuse what the real services refuse, and that can be told to fail.
//
// Nothing leaves the process and nothing is kept but the latest arrivals.
package sinks
