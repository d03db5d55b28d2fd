package duty

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// ICal writes the shifts of a stretch of time as a calendar after RFC 5545, one
// event for each post. names gives what people are called; stamp is when it was
// made. The same shift has the same UID in every export.
func (r Roster) ICal(from, to, stamp time.Time, names func(id string) string) string {
	var c card
	c.line("BEGIN:VCALENDAR")
	c.line("VERSION:2.0")
	c.line("PRODID:-//gengfu//duty//EN")
	c.line("CALSCALE:GREGORIAN")
	c.line("X-WR-CALNAME:" + escape(r.Name))
	shifts := r.Shifts(from, to)
	if len(shifts) > 0 {
		c.timezone(r.Zone, shifts[0].From, shifts[len(shifts)-1].To)
	}
	for _, s := range shifts {
		for _, p := range s.Posts {
			if p.Person != "" {
				c.event(r, s, p, stamp, names)
			}
		}
	}
	c.line("END:VCALENDAR")
	return c.String()
}

const localStamp, utcStamp = "20060102T150405", "20060102T150405Z"

func (c *card) event(r Roster, s Shift, p Post, stamp time.Time, names func(string) string) {
	id := sha256.Sum256([]byte(r.Name + "\n" + p.Role + "\n" + p.Person + "\n" + s.From.UTC().Format(utcStamp)))
	c.line("BEGIN:VEVENT")
	c.line("UID:" + hex.EncodeToString(id[:16]) + "@gengfu")
	c.line("DTSTAMP:" + stamp.UTC().Format(utcStamp))
	c.line("DTSTART" + c.when(s.From, r.Zone))
	c.line("DTEND" + c.when(s.To, r.Zone))
	c.line("SUMMARY:" + escape(p.Role+" "+names(p.Person)))
	if notes := describe(s, p, names); notes != "" {
		c.line("DESCRIPTION:" + escape(notes))
	}
	c.line("TRANSP:TRANSPARENT")
	c.line("END:VEVENT")
}

func describe(s Shift, p Post, names func(string) string) string {
	var notes []string
	if p.Instead != "" {
		notes = append(notes, names(p.Instead)+" → "+names(p.Person))
	}
	if s.Note != "" {
		notes = append(notes, s.Note)
	}
	return strings.Join(notes, "\n")
}

// card collects content lines.
type card struct{ strings.Builder }

// line writes a content line, folded into pieces of at most 75 bytes that end
// between characters.
func (c *card) line(text string) {
	for room := 75; len(text) > room; room = 74 { // the blank of a folded line counts
		cut := room
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		c.WriteString(text[:cut] + "\r\n ")
		text = text[cut:]
	}
	c.WriteString(text + "\r\n")
}

func escape(text string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", "").Replace(text)
}

// named reports whether other programs know a zone by its name.
func named(zone *time.Location) bool { return zone != time.UTC && zone != time.Local }

func (c *card) when(t time.Time, zone *time.Location) string {
	if !named(zone) {
		return ":" + t.UTC().Format(utcStamp)
	}
	return ";TZID=" + zone.String() + ":" + t.In(zone).Format(localStamp)
}

// timezone describes the zone as far as the calendar reaches: the offset it
// begins with, and every change.
func (c *card) timezone(zone *time.Location, from, to time.Time) {
	if !named(zone) {
		return
	}
	c.line("BEGIN:VTIMEZONE")
	c.line("TZID:" + zone.String())
	start, end := from.In(zone).ZoneBounds()
	_, offset := from.In(zone).Zone()
	before := offset
	if start.IsZero() {
		start = time.Unix(0, 0)
	} else {
		_, before = start.Add(-1).In(zone).Zone()
	}
	c.observance(start, before, zone)
	for !end.IsZero() && end.Before(to) {
		_, before := end.Add(-1).In(zone).Zone()
		c.observance(end, before, zone)
		next := end
		if _, end = end.In(zone).ZoneBounds(); !end.After(next) {
			break
		}
	}
	c.line("END:VTIMEZONE")
}

// observance begins at a change, told by the clocks before it.
func (c *card) observance(at time.Time, before int, zone *time.Location) {
	name, offset := at.In(zone).Zone()
	kind := "STANDARD"
	if at.In(zone).IsDST() {
		kind = "DAYLIGHT"
	}
	c.line("BEGIN:" + kind)
	c.line("DTSTART:" + at.In(time.FixedZone("", before)).Format(localStamp))
	c.line("TZOFFSETFROM:" + utcOffset(before))
	c.line("TZOFFSETTO:" + utcOffset(offset))
	c.line("TZNAME:" + name)
	c.line("END:" + kind)
}

func utcOffset(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	text := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		text += fmt.Sprintf("%02d", seconds%60)
	}
	return text
}
