package main

import (
	"cmp"
	"context"
	"fmt"
	"io"

	"gengfu"
	"gengfu/prober/chrome"
	"gengfu/scenarios"
)

// recordLive opens a window at an address and writes a scenario of what the
// person does there, until the window is closed or the command interrupted.
func recordLive(ctx context.Context, out, said io.Writer, lang gengfu.Lang, address, file string) error {
	in, err := defaultInstance()
	if err != nil {
		return &exitError{exitInvalid, err}
	}
	cfg := in.browser()
	cfg.Headed, cfg.NoSpare, cfg.Standby, cfg.Remember = true, true, "off", 0
	pool, err := chrome.NewPool(cfg)
	if err != nil {
		return &exitError{exitErrored, err}
	}
	defer pool.Close()
	words := map[gengfu.Lang]string{
		gengfu.Chinese: "窗口打开后照常操作；关闭窗口或按 Ctrl-C 结束并写出场景", gengfu.English: "use the window as always; closing it, or Ctrl-C, ends and writes the scenario",
	}
	fmt.Fprintln(said, words[lang])
	rec := pool.Record(context.WithoutCancel(ctx), address, ctx.Done(), func(a scenarios.LiveAct) {
		fmt.Fprintf(said, "  %s %s\n", gengfu.StepName(lang, a.Kind, a.Kind), cmp.Or(a.Label, a.Name, a.Text, a.CSS))
	})
	if f := rec.Run.Failure; f != nil && len(rec.Acts) == 0 {
		return &exitError{exitErrored, fmt.Errorf("%s: %s", address, f.Cause(lang))}
	}
	text, remarks, err := scenarios.WriteLive(address, rec.Title, rec.Acts)
	if err != nil {
		return &exitError{exitErrored, err}
	}
	for _, r := range remarks {
		fmt.Fprintln(said, r)
	}
	if file != "" {
		return writeNew(file, text)
	}
	_, err = out.Write(text)
	return err
}
