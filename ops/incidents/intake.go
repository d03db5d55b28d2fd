package incidents

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gengfu"
)

// Intake is what is needed to take a report in.
type Intake struct {
	Actor      string // who takes it
	Team       string // that the type of the report leads to, empty for none
	Notify     string // the route by which that team hears, empty for what fits
	Heightened bool
}

// Take opens an incident for what a person reported. It is graded by the
// matrix, and the receipt has the incident's number in it. The error is
// [gengfu.ErrInvalid] when the report is not complete.
func Take(snap gengfu.Snapshot, r gengfu.Report, in Intake, now time.Time) (gengfu.Change, error) {
	r.Title, r.By, in.Actor = strings.TrimSpace(r.Title), strings.TrimSpace(r.By), strings.TrimSpace(in.Actor)
	if err := complete(r, in.Actor, now); err != nil {
		return gengfu.Change{}, err
	}
	number := snap.Next
	_, serial, _ := strings.Cut(number, "-")
	r.Receipt = "R-" + serial
	inc := gengfu.Incident{
		Number: number, Key: gengfu.ManualKey(number), State: gengfu.IncidentOpen, Grade: gengfu.GradeFor(r.Impact, r.Blocked, in.Heightened),
		Title: r.Title, Target: r.Target, Owner: in.Team, Notify: in.Notify, ImpactStart: r.At, Opened: now, Seq: 1,
	}
	inc.Report = &r
	text := fmt.Sprintf("%s · %s · %s", r.Receipt, r.Channel.Words(), r.By)
	ev := gengfu.Event{Incident: number, Seq: 1, At: now, Actor: in.Actor, Kind: gengfu.EventOpened, Text: text}
	return gengfu.Change{Incidents: []gengfu.Incident{inc}, Events: []gengfu.Event{ev}}, nil
}

func complete(r gengfu.Report, actor string, now time.Time) error {
	channels := []gengfu.Channel{gengfu.ChannelPhone, gengfu.ChannelMail, gengfu.ChannelFax, gengfu.ChannelWalkIn, gengfu.ChannelChat}
	impacts := []gengfu.Impact{gengfu.ImpactNone, gengfu.ImpactFunction, gengfu.ImpactWide}
	var wrong string
	switch {
	case actor == "" || actor == gengfu.Machine:
		wrong = "nobody takes it"
	case r.Title == "":
		wrong = "it has no title"
	case r.By == "":
		wrong = "nobody reported it"
	case !slices.Contains(channels, r.Channel):
		wrong = fmt.Sprintf("channel %q is none of phone, mail, fax, walk-in and chat", r.Channel)
	case !slices.Contains(impacts, r.Impact):
		wrong = fmt.Sprintf("impact %q is none of none, function and wide", r.Impact)
	case r.At.IsZero() || r.At.After(now):
		wrong = "its time is missing or has not come"
	case utf8.RuneCountInString(r.Title)+utf8.RuneCountInString(r.By)+utf8.RuneCountInString(r.Type)+utf8.RuneCountInString(r.Target) > MaxText:
		wrong = fmt.Sprintf("it is over %d characters", MaxText)
	default:
		return nil
	}
	return fmt.Errorf("report: %s: %w", wrong, gengfu.ErrInvalid)
}

// Opener is what the desk asks of the store to open an incident by hand.
type Opener interface {
	// Amend writes what decide makes of what is known, in one transaction.
	Amend(ctx context.Context, check, location string, keys []string, decide gengfu.Decide) error
}

// Take opens an incident for what a person reported, and tells of it.
func (d Desk) Take(ctx context.Context, ledger Opener, r gengfu.Report, in Intake) (gengfu.Incident, error) {
	now := time.Now().Round(0).UTC().Truncate(time.Millisecond)
	if r.At.IsZero() {
		r.At = now
	}
	var after gengfu.Incident
	err := ledger.Amend(ctx, "", "", nil, func(snap gengfu.Snapshot) (gengfu.Change, error) {
		change, err := Take(snap, r, in, now)
		if err != nil {
			return gengfu.Change{}, err
		}
		after = change.Incidents[0]
		return d.Notices(snap, change)
	})
	if err != nil {
		return gengfu.Incident{}, fmt.Errorf("take report: %w", err)
	}
	return after, nil
}
