// Command floor is the limit to measure against: a script that stands in the
// pages before anything else clicks and fills by itself and calls back once.
// It looks at nothing and sees nothing, so it could not be shipped.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"sync"
	"syscall"

	"gengfu/bench/drive"
)

const autopilot = `(() => {
  const done = t => globalThis.floorDone(t);
  const seen = (test, then) => { const look = () => { const x = test(); if (x) { o.disconnect(); then(x); return true } };
    const o = new MutationObserver(look); if (!look()) o.observe(document, { subtree: true, childList: true, characterData: true }) };
  const heading = t => () => { const h = document.querySelector('h1'); return h && h.textContent === t && h };
  const fill = form => { form.elements.user.value = %q; form.elements.password.value = %q; form.querySelector('button').click() };
  const count = want => seen(() => document.querySelector('#count')?.textContent.includes(want), () => done('ok'));
  const path = location.pathname;
  const start = () => {
    if (path === '/portal/') seen(() => document.querySelector('a'), a => a.click());
    if (path === '/portal/login') seen(() => document.querySelector('form button'), b => fill(b.form));
    if (path === '/portal/dashboard') seen(heading('工作台'), () => count('200'));
    if (path === '/spa/') seen(() => document.querySelector('a'), a => { a.click();
      seen(() => document.querySelector('form button'), b => { fill(b.form); seen(heading('工作台'), () => count('1000')) }) });
    if (path === '/big/') seen(() => document.querySelector('button'), b => { b.click(); seen(() => document.querySelector('#done')?.textContent, () => done('ok')) });
    if (path === '/sub/') count('30');
  };
  start();
})()`

func main() {
	b, err := start(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	base := os.Args[1]
	err = drive.Serve(func(ctx context.Context, site string) error { return b.run(ctx, base+"/"+site+"/") })
	b.stop()
	if err != nil {
		log.Fatal(err)
	}
}

type message struct {
	ID        int             `json:"id,omitempty"`
	SessionID string          `json:"sessionId,omitempty"`
	Method    string          `json:"method,omitempty"`
	Params    any             `json:"params,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Error     json.RawMessage `json:"error,omitempty"`
}

type browser struct {
	cmd *exec.Cmd
	to  *os.File

	mu      sync.Mutex
	next    int
	answers map[int]chan message
	done    map[string]chan struct{} // by session
}

func start(path string) (*browser, error) {
	profile, err := os.MkdirTemp("", "floor-")
	if err != nil {
		return nil, err
	}
	args := append(drive.Flags(), "--headless", "--remote-debugging-pipe", "--no-startup-window", "--hide-scrollbars", "--mute-audio", "--user-data-dir="+profile)
	b := &browser{cmd: exec.Command(path, args...), answers: map[int]chan message{}, done: map[string]chan struct{}{}}
	r, to, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	from, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	b.to = to
	b.cmd.ExtraFiles = []*os.File{r, w}
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := b.cmd.Start(); err != nil {
		return nil, err
	}
	r.Close()
	w.Close()
	go b.read(from)
	return b, nil
}

func (b *browser) stop() {
	_ = syscall.Kill(-b.cmd.Process.Pid, syscall.SIGKILL)
	_ = b.cmd.Wait()
}

func (b *browser) read(from *os.File) {
	in := bufio.NewReaderSize(from, 1<<16)
	for {
		raw, err := in.ReadBytes(0)
		if err != nil {
			return
		}
		var m message
		if json.Unmarshal(raw[:len(raw)-1], &m) != nil {
			continue
		}
		b.mu.Lock()
		if m.ID != 0 {
			b.answers[m.ID] <- m
			delete(b.answers, m.ID)
		} else if m.Method == "Runtime.bindingCalled" {
			b.done[m.SessionID] <- struct{}{}
		}
		b.mu.Unlock()
	}
}

func (b *browser) send(session, method string, params any) chan message {
	answer := make(chan message, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next++
	b.answers[b.next] = answer
	raw, _ := json.Marshal(message{ID: b.next, SessionID: session, Method: method, Params: params})
	_, _ = b.to.Write(append(raw, 0))
	return answer
}

type object = map[string]any

func (b *browser) call(ctx context.Context, session, method string, params, into any) error {
	select {
	case m := <-b.send(session, method, params):
		if m.Error != nil {
			return fmt.Errorf("%s: %s", method, m.Error)
		}
		if into == nil {
			return nil
		}
		return json.Unmarshal(m.Result, into)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b *browser) run(ctx context.Context, url string) error {
	var made struct{ BrowserContextID, TargetID, SessionID string }
	if err := b.call(ctx, "", "Target.createBrowserContext", object{}, &made); err != nil {
		return err
	}
	defer b.call(ctx, "", "Target.disposeBrowserContext", object{"browserContextId": made.BrowserContextID}, nil)
	if err := b.call(ctx, "", "Target.createTarget", object{"url": "about:blank", "browserContextId": made.BrowserContextID}, &made); err != nil {
		return err
	}
	if err := b.call(ctx, "", "Target.attachToTarget", object{"targetId": made.TargetID, "flatten": true}, &made); err != nil {
		return err
	}
	s, done := made.SessionID, make(chan struct{}, 1)
	b.mu.Lock()
	b.done[s] = done
	b.mu.Unlock()
	defer func() { b.mu.Lock(); delete(b.done, s); b.mu.Unlock() }()
	b.send(s, "Runtime.enable", object{})
	b.send(s, "Page.enable", object{})
	b.send(s, "Runtime.addBinding", object{"name": "floorDone"})
	script := object{"source": fmt.Sprintf(autopilot, drive.Account, drive.Password)}
	if err := b.call(ctx, s, "Page.addScriptToEvaluateOnNewDocument", script, nil); err != nil {
		return err
	}
	if err := b.call(ctx, s, "Page.navigate", object{"url": url}, nil); err != nil {
		return err
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return errors.New("the page did not call back")
	}
}
