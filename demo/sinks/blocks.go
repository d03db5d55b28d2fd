package sinks

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// The limits of Slack's Block Kit, in characters where they count text. The
// total is not documented by Slack; it is what its users measured.
const (
	maxBlocks      = 50
	maxSection     = 3000
	maxFields      = 10
	maxField       = 2000
	maxHeader      = 150
	maxElements    = 10
	maxActions     = 25
	maxBlockID     = 255
	maxBlocksTotal = 13200
)

// block is the part of a layout block that limits are about.
type block struct {
	Type     string            `json:"type"`
	BlockID  string            `json:"block_id"`
	Text     *textObject       `json:"text"`
	Fields   []textObject      `json:"fields"`
	Elements []json.RawMessage `json:"elements"`
	ImageURL string            `json:"image_url"`
	AltText  string            `json:"alt_text"`
}

type textObject struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// blockFault is Slack's word for what is wrong with blocks, "" when nothing is.
func blockFault(raw json.RawMessage) string {
	if len(raw) == 0 {
		return ""
	}
	blocks, ok := readBlocks(raw)
	if !ok {
		return "invalid_blocks_format"
	}
	if len(blocks) > maxBlocks {
		return "invalid_blocks"
	}
	ids := map[string]bool{}
	for _, b := range blocks {
		if !b.valid() || utf8.RuneCountInString(b.BlockID) > maxBlockID || b.BlockID != "" && ids[b.BlockID] {
			return "invalid_blocks"
		}
		ids[b.BlockID] = true
	}
	if utf8.RuneCountInString(blocksText(blocks)) > maxBlocksTotal {
		return "msg_blocks_too_long"
	}
	return ""
}

func readBlocks(raw json.RawMessage) ([]block, bool) {
	var blocks []block
	if err := json.Unmarshal(raw, &blocks); err != nil {
		return nil, false
	}
	return blocks, true
}

func (b block) valid() bool {
	switch b.Type {
	case "section":
		return b.validSection()
	case "header":
		return b.Text != nil && b.Text.Type == "plain_text" && within(b.Text.Text, maxHeader)
	case "context":
		return len(b.Elements) > 0 && len(b.Elements) <= maxElements && !slices.ContainsFunc(b.Elements, badContext)
	case "actions":
		return len(b.Elements) > 0 && len(b.Elements) <= maxActions
	case "image":
		return b.ImageURL != "" && within(b.AltText, maxField)
	case "divider", "rich_text", "markdown":
		return true
	}
	return false
}

func (b block) validSection() bool {
	if b.Text == nil && len(b.Fields) == 0 || len(b.Fields) > maxFields {
		return false
	}
	if b.Text != nil && !b.Text.valid(maxSection) {
		return false
	}
	return !slices.ContainsFunc(b.Fields, func(f textObject) bool { return !f.valid(maxField) })
}

func badContext(raw json.RawMessage) bool {
	var e textObject
	if json.Unmarshal(raw, &e) != nil {
		return true
	}
	return e.Type != "image" && !e.valid(maxSection)
}

func (t textObject) valid(limit int) bool {
	return (t.Type == "mrkdwn" || t.Type == "plain_text") && within(t.Text, limit)
}

func within(text string, limit int) bool {
	return text != "" && utf8.RuneCountInString(text) <= limit
}

// BlockText is what the message's blocks say, a line for each text, markup left
// as it was sent.
func (m SlackMessage) BlockText() string {
	blocks, _ := readBlocks(m.Blocks)
	return blocksText(blocks)
}

func blocksText(blocks []block) string {
	var lines []string
	for _, b := range blocks {
		if b.Text != nil {
			lines = append(lines, b.Text.Text)
		}
		for _, f := range b.Fields {
			lines = append(lines, f.Text)
		}
		for _, raw := range b.Elements {
			lines = append(lines, elementText(raw))
		}
	}
	lines = slices.DeleteFunc(lines, func(l string) bool { return l == "" })
	return strings.Join(lines, "\n")
}

// elementText is the text of a context element, or of a button, whose text is
// an object itself.
func elementText(raw json.RawMessage) string {
	var plain textObject
	if json.Unmarshal(raw, &plain) == nil {
		return plain.Text
	}
	var button struct {
		Text textObject `json:"text"`
	}
	if json.Unmarshal(raw, &button) == nil {
		return button.Text.Text
	}
	return ""
}
