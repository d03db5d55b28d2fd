package notify

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"gengfu"
)

// The words with which Slack refuses, by what follows from them. They are
// those of chat.postMessage, chat.update and incoming webhooks.
var (
	slackPasses = []string{
		"ratelimited", "rate_limited", "message_limit_exceeded", "internal_error", "fatal_error", "service_unavailable",
		"request_timeout", "team_added_to_org", "rollup_error",
	}
	slackMessage = append([]string{
		"invalid_payload", "no_text", "msg_too_long", "too_many_attachments", "invalid_arguments", "invalid_array_arg", "invalid_charset",
		"invalid_form_data", "invalid_json", "request_too_large", "message_not_found", "thread_not_found", "cant_update_message", "edit_window_closed",
		"cannot_reply_to_message", "invalid_ts",
	}, blockFaults...)
	slackEndpoint = []string{
		"no_service", "no_service_id", "no_team", "team_disabled", "invalid_token", "action_prohibited", "posting_to_general_channel_denied",
		"channel_not_found", "channel_is_archived", "is_archived", "not_in_channel", "invalid_auth", "not_authed", "account_inactive", "token_revoked",
		"token_expired", "missing_scope", "org_login_required", "ekm_access_denied", "access_denied", "no_permission", "restricted_action",
		"not_allowed_token_type", "user_not_found", "unknown_method", "two_factor_setup_required", "deprecated_endpoint", "method_deprecated",
	}
	slackWords = slices.Concat(slackPasses, slackMessage, slackEndpoint)
)

// slackError is a refusal in Slack's own word.
type slackError struct{ word string }

// Error names the word.
func (e slackError) Error() string { return "Slack answered " + clean(e.word, maxName) }

// wordError classifies a refusal. A word that is not known counts as one to
// retry.
func wordError(word string, after time.Duration) error {
	err := slackError{word}
	switch {
	case slices.Contains(slackEndpoint, word):
		return &EndpointError{Err: err}
	case slices.Contains(slackMessage, word):
		return &MessageError{Err: err}
	}
	return &RetryError{After: after, Err: err}
}

// said reports whether err is a refusal in one of the words.
func said(err error, words ...string) bool {
	var refusal slackError
	return errors.As(err, &refusal) && slices.Contains(words, refusal.word)
}

// The limits of Block Kit, in characters.
const (
	maxSlackHeader  = 150
	maxSlackSection = 3000
	maxSlackText    = 3000
)

// wholeBlocks is how the incident's message reads: the lead, the cause with
// what leads to it, and the facts.
func wholeBlocks(m message) []slack.Block {
	blocks := []slack.Block{
		slack.NewHeaderBlock(slack.NewTextBlockObject(slack.PlainTextType, mrkdwn(m.Lead, maxSlackHeader), false, false)),
	}
	blocks = appendQuoted(blocks, m)
	var lines []string
	for _, f := range m.Facts {
		lines = append(lines, "*"+mrkdwn(f.Label, maxName)+"* "+mrkdwn(f.Text, maxHint))
	}
	if len(lines) > 0 {
		blocks = append(blocks, section(joined(lines, "\n")))
	}
	if text := slackLinks(m.Links); text != "" {
		blocks = append(blocks, section(text))
	}
	if m.Remark != "" {
		blocks = append(blocks, slack.NewContextBlock("", mark(mrkdwn(m.Remark, maxSlackSection))))
	}
	return append(blocks, slack.NewContextBlock("", mark(mrkdwn(m.Subject, maxSlackSection))))
}

// newsBlocks is the line about one event, with the cause where it is the news.
func newsBlocks(m message, kind gengfu.EventKind) []slack.Block {
	blocks := []slack.Block{section(mrkdwn(m.Lead, maxSlackSection))}
	if !opens(kind) && kind != gengfu.EventUpdated {
		m.Cause, m.Hints = fact{}, nil
	}
	blocks = appendQuoted(blocks, m)
	if text := slackLinks(m.Links); text != "" {
		blocks = append(blocks, slack.NewContextBlock("", mark(text)))
	}
	return blocks
}

// appendQuoted adds what pages and people said as plain text, in which nothing
// is markup.
func appendQuoted(blocks []slack.Block, m message) []slack.Block {
	var quoted []string
	for _, f := range []fact{m.Cause, m.Note} {
		if f.Text != "" {
			quoted = append(quoted, f.Label+m.Colon+f.Text)
		}
	}
	if len(m.Hints) > 0 {
		quoted = append(quoted, m.HintsIn)
		for _, h := range m.Hints {
			quoted = append(quoted, "- "+h)
		}
	}
	if len(quoted) == 0 {
		return blocks
	}
	for i := range quoted {
		quoted[i] = mrkdwn(quoted[i], maxSlackSection)
	}
	text := slack.NewTextBlockObject(slack.PlainTextType, joined(quoted, "\n"), false, false)
	return append(blocks, slack.NewSectionBlock(text, nil, nil))
}

// joined puts as many lines together as a section holds.
func joined(lines []string, sep string) string {
	text := ""
	for _, l := range lines {
		if text != "" {
			l = sep + l
		}
		if len([]rune(text))+len([]rune(l)) > maxSlackSection {
			break
		}
		text += l
	}
	return text
}

func slackLinks(links []link) string {
	var parts []string
	for _, l := range links {
		parts = append(parts, fmt.Sprintf("<%s|%s>", strings.ReplaceAll(l.URL, "&", "&amp;"), mrkdwn(l.Label, maxName)))
	}
	return joined(parts, "  ")
}

func section(text string) slack.Block { return slack.NewSectionBlock(mark(text), nil, nil) }

// mark is text with markup that makes no links or mentions of its own.
func mark(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, text, false, true)
}

// opens reports whether an endpoint may hear of an incident by this event for
// the first time.
func opens(kind gengfu.EventKind) bool {
	return kind == gengfu.EventOpened || kind == gengfu.EventReopened || kind == gengfu.EventUnmuted
}
