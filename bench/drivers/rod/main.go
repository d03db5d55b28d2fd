// Command rod drives the pages with go-rod, the ordinary way.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/launcher/flags"
	"github.com/go-rod/rod/lib/proto"

	"gengfu/bench/drive"
)

func main() {
	base := os.Args[1]
	l := launcher.New().Bin(os.Args[2]).Headless(true).Leakless(false)
	for _, f := range drive.Flags() {
		l.Set(flags.Flag(strings.TrimPrefix(f, "--")))
	}
	control, err := l.Launch()
	if err != nil {
		log.Fatal(err)
	}
	b := rod.New().ControlURL(control)
	if err := b.Connect(); err != nil {
		log.Fatal(err)
	}
	err = drive.Serve(func(ctx context.Context, site string) error {
		var wrong error
		if err := rod.Try(func() { wrong = journey(b.Context(ctx), base, site) }); err != nil {
			return err
		}
		return wrong
	})
	_ = b.Close()
	if err != nil {
		log.Fatal(err)
	}
}

func journey(b *rod.Browser, base, site string) error {
	own := b.MustIncognito()
	defer func() { _ = proto.TargetDisposeBrowserContext{BrowserContextID: own.BrowserContextID}.Call(b) }()
	p := own.MustPage(base + "/" + site + "/")
	p.MustWaitLoad()
	want := "200"
	switch site {
	case "spa", "portal":
		p.MustElementR("a", "登录").MustClick()
		p.MustElement("[name=user]").MustInput(drive.Account)
		p.MustElement("[name=password]").MustInput(drive.Password)
		p.MustElementR("button", "提交").MustClick()
		p.MustElementR("h1", "工作台")
		if site == "spa" {
			want = "1000"
		}
	case "big":
		p.MustElementR("button", "继续").MustClick()
		p.MustElementR("#done", "完成")
		return nil
	case "sub":
		want = "30"
	}
	if got := p.MustElement("#count").MustText(); !strings.Contains(got, want) {
		return fmt.Errorf("count says %q", got)
	}
	p.MustEval(`() => performance.getEntriesByType('navigation')[0].toJSON()`)
	return nil
}
