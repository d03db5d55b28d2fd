// Package notify carries notices to people and machines: it routes an event of
// an incident to endpoints, renders the message of each in its language, and
// works off the outbox until every message is accepted or given up.
//
// A message is delivered at least once, in order within its incident and
// endpoint, and carries an identifier by which the receiver can tell a repeat:
// webhook-id for webhooks, Message-ID for mail. Slack has no such identifier;
// there the state shown in the first message is edited in place, so that only
// a line in the thread can come twice.
//
// A channel is one file and one line in the table of channels.go.
package notify
