package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gengfu"
	"gengfu/notify"
	"gengfu/storage"
)

// circumstances are what holds at a time that routes are tested for.
type circumstances struct {
	in     *instance
	at     time.Time
	mutes  []notify.Mute
	raised gengfu.Heightened
}

// circumstancesAt reads what the ledger knows; a prober that runs does not let
// it be read twice, and is asked instead.
func (o *options) circumstancesAt(ctx context.Context, in *instance, text string) (*circumstances, error) {
	at, rest, err := until(text, in.zone)
	if err != nil || rest != "" {
		return nil, &exitError{exitUsage, fmt.Errorf("--at %q: want a time such as 2026-11-24T18:00", text)}
	}
	c := &circumstances{in: in, at: at}
	list, err := o.knownSilences(ctx, in, c)
	if err != nil {
		return nil, err
	}
	for _, q := range list {
		m, err := notify.NewMute(q)
		if err != nil {
			return nil, err
		}
		c.mutes = append(c.mutes, m)
	}
	return c, nil
}

func (o *options) knownSilences(ctx context.Context, in *instance, c *circumstances) ([]gengfu.Silence, error) {
	var got struct {
		Silences []silenceLine `json:"silences"`
	}
	if err := o.ask(ctx, "GET", "silences?all=true", nil, &got); err == nil {
		var list []gengfu.Silence
		for _, s := range got.Silences {
			list = append(list, gengfu.Silence{ID: s.ID, Author: s.Author, Reason: s.Reason, From: s.From, To: s.To, Matchers: s.Matchers})
		}
		var raised struct {
			From, To time.Time
			Reason   string
		}
		err := o.ask(ctx, "GET", "heightened", nil, &raised)
		c.raised = gengfu.Heightened{From: raised.From, To: raised.To, Reason: raised.Reason}
		return list, err
	}
	path := filepath.Join(in.abs(in.data), "gengfu.db")
	if _, err := os.Stat(path); err != nil { // nothing ran yet
		return nil, nil
	}
	store, err := storage.Open(ctx, storage.Config{Path: path, Zone: in.zone})
	if err != nil {
		return nil, err
	}
	defer func() { _ = store.Close() }()
	if text, ok, err := store.Setting(ctx, heightenedSetting); err == nil && ok {
		if err := json.Unmarshal([]byte(text), &c.raised); err != nil {
			return nil, fmt.Errorf("read setting %q: %w", heightenedSetting, err)
		}
	}
	return store.Silences(ctx, time.Time{}, 0)
}

// notes say what keeps an incident of a scenario from being told at once.
func (c *circumstances) notes(inc gengfu.Incident) (list []string) {
	id, _ := strings.CutPrefix(inc.Key, gengfu.ScenarioKey(""))
	for _, m := range c.mutes {
		if m.Covers(c.at) && m.Holds(inc) {
			list = append(list, fmt.Sprintf("nobody until %s: silence %d by %s (%s)", c.clock(m.To), m.ID, m.Author, m.Reason))
		}
	}
	for _, m := range c.in.upkeep {
		if about(m.scenarios, m.tags, id, inc.Tags) && m.when.Covers(c.at) {
			list = append(list, "no incident: maintenance "+m.when.Title)
		}
	}
	for _, h := range c.in.heightened {
		if about(h.scenarios, h.tags, id, inc.Tags) && h.when.Covers(c.at) {
			list = append(list, "heightened: "+h.when.Title)
		}
	}
	if c.raised.Covers(c.at) {
		list = append(list, "heightened: "+c.raised.Reason)
	}
	return list
}

// about reports whether a period is about a scenario.
func about(scenarios, tags []string, id string, of []string) bool {
	return len(scenarios)+len(tags) == 0 || slices.Contains(scenarios, id) || slices.ContainsFunc(of, func(tag string) bool { return slices.Contains(tags, tag) })
}

func (c *circumstances) clock(t time.Time) string { return t.In(c.in.zone).Format("01-02 15:04") }

// when says of each endpoint when it hears of an incident.
func (c *circumstances) when(r *notify.Router, inc gengfu.Incident, endpoints []string) []string {
	var list []string
	for _, ep := range endpoints {
		if t := r.QuietUntil(inc, ep, c.at); !t.IsZero() {
			ep += " at " + c.clock(t) + " (quiet hours)"
		}
		list = append(list, ep)
	}
	return list
}
