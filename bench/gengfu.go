package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"gengfu/bench/drive"
)

// journeys are the pages' scenarios as an author writes them.
var journeys = map[string]string{
	"portal": login("portal", "200"),
	"spa":    login("spa", "1000"),
	"big": `  - goto: BASE/big/
  - click: 继续
    expect: {visible: {text: 完成}}
`,
	"wait": `  - goto: BASE/spa/
  - click: 登录
  - wait: {visible: {label: 账号}}
`,
	"sub": `  - goto: BASE/sub/
    expect: {text: 共 30 条}
`,
}

func login(site, count string) string {
	return `  - goto: BASE/` + site + `/
  - click: 登录
  - fill: {账号: ` + drive.Account + `, 密码: "${secret.bench}"}
  - click: 提交
    expect: [{visible: {role: heading, name: 工作台}}, {text: 共 ` + count + ` 条}]
`
}

// lanes is how many runs of one page may be ordered at once: two runs of one
// scenario are never done side by side.
const lanes = 8

// run is what the product's API tells of a run.
type run struct {
	Outcome string
	Started time.Time
	Failure json.RawMessage
	Detail  struct {
		Steps []struct {
			Verb       string
			StartMS    int64 `json:"start_ms"`
			DurationMS int64 `json:"duration_ms"`
		}
	}
}

// daemon is the product: the run is ordered over its API, executed from its
// YAML, judged and stored before the answer comes.
type daemon struct {
	*contender
	cmd    *exec.Cmd
	url    string
	client *http.Client
	last   func(run) // sees every run
}

func startGengfu(dir, base, browser, binary, settings string, workers int) (*daemon, error) {
	dir, err := os.MkdirTemp(dir, "gengfu-")
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	_ = l.Close()
	if err := writeScenarios(filepath.Join(dir, "scenarios"), base); err != nil {
		return nil, err
	}
	instance := fmt.Sprintf("listen: %s\ndata: data\nworkers: %d\nscenarios: [scenarios]\nhosts: {local: off}\nbrowser: {path: %s%s}\n", addr, workers, browser, settings)
	if err := os.WriteFile(filepath.Join(dir, "gengfu.yaml"), []byte(instance), 0o600); err != nil {
		return nil, err
	}
	cmd := exec.Command(binary, "serve")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GENGFU_SECRET_BENCH="+drive.Password)
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	d := &daemon{cmd: cmd, url: "http://" + addr, client: &http.Client{Timeout: time.Minute}}
	d.contender = &contender{name: "gengfu", root: cmd.Process.Pid, do: d.order, stop: func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		end(cmd)
	}}
	return d, d.up()
}

func writeScenarios(dir, base string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for site, steps := range journeys {
		for lane := range lanes {
			doc := fmt.Sprintf("scenario: %s-%d\ntitle: %s\nsteps:\n%sschedule: {cron: \"0 0 1 1 *\"}\nconfirm: {retries: 0}\n", site, lane, site, strings.ReplaceAll(steps, "BASE", base))
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d.yaml", site, lane)), []byte(doc), 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *daemon) up() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for {
		if r, err := d.client.Get(d.url + "/readyz"); err == nil {
			_ = r.Body.Close()
			return nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			raw, _ := os.ReadFile(filepath.Join(d.cmd.Dir, "log"))
			return fmt.Errorf("gengfu does not come up:\n%s", raw)
		}
	}
}

func (d *daemon) order(o drive.Order) ([]drive.Result, error) {
	var mu sync.Mutex
	var all []drive.Result
	left := make(chan struct{}, o.Runs)
	for range o.Runs {
		left <- struct{}{}
	}
	close(left)
	var wg sync.WaitGroup
	for lane := range min(max(1, o.Concurrency), lanes) {
		wg.Go(func() {
			for range left {
				began := time.Now()
				err := d.one(fmt.Sprintf("%s-%d", o.Site, lane))
				r := drive.Result{MS: float64(time.Since(began).Microseconds()) / 1000}
				if err != nil {
					r.Error = err.Error()
				}
				mu.Lock()
				all = append(all, r)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return all, nil
}

func (d *daemon) one(scenario string) error {
	res, err := d.client.Post(d.url+"/api/v1/scenarios/"+scenario+"/run?wait=30s", "application/json", strings.NewReader("{}"))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	var r run
	if err := json.Unmarshal(raw, &r); err != nil {
		return fmt.Errorf("%s: %.200s", res.Status, raw)
	}
	if d.last != nil {
		d.last(r)
	}
	if res.StatusCode == http.StatusAccepted {
		return fmt.Errorf("no result in time: %s", raw)
	}
	if r.Outcome != "passed" {
		return fmt.Errorf("%s %s: %.300s", res.Status, r.Outcome, raw)
	}
	return nil
}
