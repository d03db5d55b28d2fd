package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"gengfu/bench/drive"
)

// contender is a driver that is up with its own warm browser and does runs on
// order.
type contender struct {
	name string
	root int // pid; everything below it is the contender's
	do   func(drive.Order) ([]drive.Result, error)
	stop func()
}

// startDriver starts a program that speaks the line protocol.
func startDriver(name string, argv ...string) (*contender, error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	lines := bufio.NewScanner(out)
	c := &contender{name: name, root: cmd.Process.Pid}
	c.do = func(o drive.Order) ([]drive.Result, error) {
		raw, err := json.Marshal(o)
		if err != nil {
			return nil, err
		}
		if _, err := in.Write(append(raw, '\n')); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		var all []drive.Result
		for lines.Scan() {
			var r drive.Result
			if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			if r.Done {
				return all, nil
			}
			all = append(all, r)
		}
		return nil, fmt.Errorf("%s ended: %w", name, io.ErrUnexpectedEOF)
	}
	c.stop = func() {
		_ = in.Close()
		end(cmd)
	}
	return c, nil
}

// end waits for a program to end by itself, then ends its group.
func end(cmd *exec.Cmd) {
	done := make(chan struct{})
	go func() { _ = cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-done
	}
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // a browser that stayed
}

// startK6 starts k6, which asks for work over HTTP because it has no input.
func startK6(base, browser, bin string) (*contender, error) {
	orders, results := make(chan string), make(chan drive.Result)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /next", func(w http.ResponseWriter, r *http.Request) {
		select {
		case site, open := <-orders:
			_ = json.NewEncoder(w).Encode(map[string]any{"site": site, "stop": !open})
		case <-r.Context().Done():
		case <-time.After(100 * time.Second):
			_, _ = io.WriteString(w, "{}")
		}
	})
	mux.HandleFunc("POST /result", func(_ http.ResponseWriter, r *http.Request) {
		var res drive.Result
		_ = json.NewDecoder(r.Body).Decode(&res)
		results <- res
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: time.Second}
	go func() { _ = srv.Serve(l) }()
	cmd := exec.Command(bin, "run", "--quiet", "drivers/k6.js")
	args := ""
	for _, f := range drive.Flags() {
		args += f[2:] + ","
	}
	cmd.Env = append(os.Environ(), "BASE="+base, "ORDERS=http://"+l.Addr().String(), "K6_BROWSER_EXECUTABLE_PATH="+browser, "K6_BROWSER_ARGS="+args,
		"K6_BROWSER_HEADLESS=true", "K6_NO_USAGE_REPORT=true")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start k6: %w", err)
	}
	c := &contender{name: "k6", root: cmd.Process.Pid}
	c.do = func(o drive.Order) ([]drive.Result, error) {
		var all []drive.Result
		for range o.Runs {
			select {
			case orders <- o.Site:
			case <-time.After(30 * time.Second):
				return nil, fmt.Errorf("k6 does not ask for work")
			}
			select {
			case r := <-results:
				all = append(all, r)
			case <-time.After(60 * time.Second):
				return nil, fmt.Errorf("k6 does not come back")
			}
		}
		return all, nil
	}
	c.stop = func() {
		close(orders)
		end(cmd)
		_ = srv.Close()
	}
	return c, nil
}

// build compiles a driver of this module.
func build(dir, name string) (string, error) {
	bin := filepath.Join(dir, name)
	cmd := exec.Command("go", "build", "-o", bin, "./drivers/"+name)
	cmd.Stderr = os.Stderr
	return bin, cmd.Run()
}
