package notify

import (
	"context"
	"encoding/json"
	"net/http"

	"gengfu"
)

// teams posts adaptive cards to a workflow of Microsoft Teams that was made
// for webhook requests.
type teams struct {
	cfg Config
}

const teamsText = 12_000 // bytes of a card's text, well under the 28 KB of a message

func checkTeams(c Config) []string {
	found := checkPace(c, 240)
	if wrong := checkAddress(c.URL); wrong != "" {
		found = append(found, wrong)
	}
	return found
}

func newTeams(cfg Config) service { return &teams{cfg} }

// limits stay below four in any second.
func (t *teams) limits() Limits { return Limits{PerSecond: 1, Burst: 2} }

type teamsMessage struct {
	Type        string            `json:"type"`
	Attachments []teamsAttachment `json:"attachments"`
}

type teamsAttachment struct {
	Type    string    `json:"contentType"`
	Content teamsCard `json:"content"`
}

type teamsCard struct {
	Schema  string        `json:"$schema"`
	Type    string        `json:"type"`
	Version string        `json:"version"`
	Body    []teamsBlock  `json:"body"`
	Actions []teamsAction `json:"actions,omitempty"`
}

type teamsBlock struct {
	Type   string `json:"type"`
	Text   string `json:"text"`
	Wrap   bool   `json:"wrap"`
	Weight string `json:"weight,omitempty"`
	Color  string `json:"color,omitempty"`
}

type teamsAction struct {
	Type  string `json:"type"`
	Title string `json:"title"`
	URL   string `json:"url"`
}

func (t *teams) write(m message, n gengfu.Notice) (parcel, error) {
	head := teamsBlock{Type: "TextBlock", Text: disarm.Replace(m.Subject), Wrap: true, Weight: "Bolder", Color: teamsColor(n)}
	var actions []teamsAction
	for _, l := range m.Links {
		actions = append(actions, teamsAction{"Action.OpenUrl", l.Label, l.URL})
	}
	text := teamsBlock{Type: "TextBlock", Text: chatMarkdown("\n\n").lay(m, teamsText), Wrap: true}
	plain := teamsBlock{Type: "TextBlock", Text: disarm.Replace(plainMarkup().lay(m, teamsText/2)), Wrap: true}
	return pack(teamsOf(actions, head, text), teamsOf(nil, plain))
}

func teamsOf(actions []teamsAction, blocks ...teamsBlock) teamsMessage {
	return teamsMessage{Type: "message", Attachments: []teamsAttachment{{
		Type: "application/vnd.microsoft.card.adaptive",
		Content: teamsCard{
			Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.4", Body: blocks, Actions: actions,
		},
	}}}
}

func teamsColor(n gengfu.Notice) string {
	switch tone(n) {
	case toneGrey:
		return "Default"
	case toneGreen:
		return "Good"
	case toneRed:
		return "Attention"
	case toneBlue:
		return "Accent"
	}
	return "Warning"
}

func (t *teams) deliver(ctx context.Context, call carrier, content json.RawMessage, _ gengfu.Delivery) (string, error) {
	answer, err := call(ctx, http.MethodPost, t.cfg.URL.Reveal(), nil, content)
	if err != nil {
		return "", err
	}
	return "", statusError(answer)
}
