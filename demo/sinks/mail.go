package sinks

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // mails in GBK and its kin
	"github.com/emersion/go-message/mail"
)

// Mail is one message that the mail server accepted.
type Mail struct {
	At        time.Time   `json:"at"`
	From      string      `json:"from"` // envelope
	To        []string    `json:"to"`   // envelope
	Encrypted bool        `json:"encrypted"`
	Raw       []byte      `json:"raw"` // as sent, without the closing dot
	Subject   string      `json:"subject"`
	Header    http.Header `json:"header"` // decoded, by canonical name
	Text      string      `json:"text"`
	HTML      string      `json:"html"`
	Files     []MailFile  `json:"files,omitempty"`
	Problems  []string    `json:"problems,omitempty"` // what a strict reader finds wrong
}

// MailFile is an inline picture or an attachment.
type MailFile struct {
	Name        string `json:"name"`
	ContentType string `json:"content_type"`
	ContentID   string `json:"content_id,omitempty"` // without the angle brackets
	Data        []byte `json:"data"`
}

// MessageID is the message's own identifier, angle brackets included.
func (m Mail) MessageID() string { return m.Header.Get("Message-Id") }

// Shown is the HTML with its inline pictures in place of their references, as a
// mail program shows it.
func (m Mail) Shown() string {
	page := m.HTML
	for _, f := range m.Files {
		if f.ContentID != "" {
			inline := "data:" + f.ContentType + ";base64," + base64.StdEncoding.EncodeToString(f.Data)
			page = strings.ReplaceAll(page, "cid:"+f.ContentID, inline)
		}
	}
	return page
}

// parseMail reads a message with a parser that shares no code with the sender.
func parseMail(raw []byte) Mail {
	m := Mail{Raw: raw, Header: http.Header{}}
	entity, err := message.Read(bytes.NewReader(raw))
	if err != nil && !message.IsUnknownCharset(err) {
		m.Problems = append(m.Problems, fmt.Sprintf("message: %v", err))
		return m
	}
	m.readHeader(mail.Header{Header: entity.Header})
	m.readParts(mail.NewReader(entity))
	return m
}

func (m *Mail) readHeader(h mail.Header) {
	for fields := h.Fields(); fields.Next(); {
		text, err := fields.Text()
		if err != nil {
			m.Problems = append(m.Problems, fmt.Sprintf("header %s: %v", fields.Key(), err))
			text = fields.Value()
		}
		m.Header.Add(fields.Key(), text)
	}
	m.Subject = m.Header.Get("Subject")
	for _, once := range []string{"Date", "From", "Message-Id", "Subject"} {
		if n := len(m.Header.Values(once)); n != 1 {
			m.Problems = append(m.Problems, fmt.Sprintf("header %s occurs %d times", once, n))
		}
	}
	if _, err := h.Date(); err != nil {
		m.Problems = append(m.Problems, fmt.Sprintf("header Date: %v", err))
	}
	if from, err := h.AddressList("From"); err != nil || len(from) == 0 {
		m.Problems = append(m.Problems, "header From is no address")
	}
	if id, err := h.MessageID(); err != nil || id == "" {
		m.Problems = append(m.Problems, "header Message-Id is not of the form <id@domain>")
	}
}

func (m *Mail) readParts(r *mail.Reader) {
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			m.Problems = append(m.Problems, fmt.Sprintf("part: %v", err))
			return
		}
		data, err := io.ReadAll(part.Body)
		if err != nil {
			m.Problems = append(m.Problems, fmt.Sprintf("part: %v", err))
			return
		}
		m.keepPart(part.Header, data)
	}
}

func (m *Mail) keepPart(header mail.PartHeader, data []byte) {
	var h message.Header
	attached := false
	switch ph := header.(type) {
	case *mail.InlineHeader:
		h = ph.Header
	case *mail.AttachmentHeader:
		h, attached = ph.Header, true
	}
	kind, params, err := h.ContentType()
	if err != nil {
		m.Problems = append(m.Problems, fmt.Sprintf("content type: %v", err))
	}
	switch {
	case kind == "text/plain" && !attached && m.Text == "":
		m.Text = string(data)
		return
	case kind == "text/html" && !attached && m.HTML == "":
		m.HTML = string(data)
		return
	}
	name := params["name"]
	if _, disposition, err := h.ContentDisposition(); err == nil && disposition["filename"] != "" {
		name = disposition["filename"]
	}
	m.Files = append(m.Files, MailFile{Name: name, ContentType: kind, ContentID: m.contentID(h), Data: data})
}

// contentID wants the angle brackets that programs match references by.
func (m *Mail) contentID(h message.Header) string {
	id := h.Get("Content-Id")
	bare := strings.TrimSuffix(strings.TrimPrefix(id, "<"), ">")
	if id != "" && len(bare) != len(id)-2 {
		m.Problems = append(m.Problems, fmt.Sprintf("Content-Id %q lacks angle brackets", id))
	}
	return bare
}
