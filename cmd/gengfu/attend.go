package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"gengfu"
	"gengfu/scenarios"
	"gengfu/scenarios/strict"
)

// unasked are the attend steps of a scenario whose route is not there.
func (in *instance) unasked(s *scenarios.Scenario) strict.Problems {
	var list strict.Problems
	for _, st := range s.Asks() {
		if name := st.Ask.Route; name != "" && !in.hasRoute(name) {
			list = append(list, strict.Problem{
				File: st.Pos.File, Line: st.Pos.Line, Col: st.Pos.Col,
				Finding: fmt.Sprintf("scenario %s: unknown route %q", s.ID, name), Remedy: suggest(name, in.routeNames()),
			})
		}
	}
	return list
}

// attends are the pictures that runs wait with, by the token of their page. They
// are in memory alone and end with the wait.
type attends struct {
	mu    sync.Mutex
	shown map[string]gengfu.Attendance // guarded by mu
}

// show keeps a picture until ctx ends and returns its token.
func (l *attends) show(ctx context.Context, a gengfu.Attendance) string {
	token := rand.Text()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shown == nil {
		l.shown = map[string]gengfu.Attendance{}
	}
	l.shown[token] = a
	context.AfterFunc(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.shown, token)
	})
	return token
}

func (l *attends) open(token string) (gengfu.Attendance, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a, ok := l.shown[token]
	if !ok || time.Now().After(a.Until) {
		return a, fmt.Errorf("attend: %w", gengfu.ErrNotFound)
	}
	return a, nil
}

// ask tells people along a route that a run waits for one of them.
func (d *daemon) ask(ctx context.Context, a gengfu.Attendance) error {
	t := d.telling.Load()
	if t == nil {
		return errors.New("no channels are configured")
	}
	a.At, a.Until = a.At.In(d.in.zone), a.Until.In(d.in.zone)
	link := ""
	if d.in.url != "" {
		link = d.in.url + "/attend/" + d.attends.show(ctx, a)
	}
	err := t.router.Ask(ctx, a, link)
	d.log.Info("a person was asked", "scenario", a.Scenario, "route", a.Route, "picture", a.Turn, "error", err)
	return err
}

// terminalAsks tells whoever started a run by hand where the picture lies.
type terminalAsks struct {
	w    io.Writer
	lang gengfu.Lang
	dir  string
}

func (t *terminalAsks) ask(_ context.Context, a gengfu.Attendance) (err error) {
	if t.dir == "" {
		if t.dir, err = os.MkdirTemp("", "gengfu-attend-"); err != nil {
			return err
		}
	}
	name := filepath.Join(t.dir, fmt.Sprintf("%s-%d.png", a.Scenario, a.Turn))
	if err := os.WriteFile(name, a.Picture, 0o600); err != nil {
		return err
	}
	words := map[gengfu.Lang]string{gengfu.Chinese: "  等待处理 %s（到 %s）：%s\n", gengfu.English: "  waiting for a person: %s (until %s): %s\n"}[t.lang]
	fmt.Fprintf(t.w, words, cmp.Or(a.Text, a.Title), a.Until.Format(time.TimeOnly), name)
	return nil
}

// close removes the pictures.
func (t *terminalAsks) close() {
	if t.dir != "" {
		_ = os.RemoveAll(t.dir)
	}
}
