// Command chromedp drives the pages with chromedp's own actions, the ordinary
// way.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/chromedp/chromedp"

	"gengfu/bench/drive"
)

func main() {
	base := os.Args[1]
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(os.Args[2]))
	for _, f := range drive.Flags() {
		options = append(options, chromedp.Flag(strings.TrimPrefix(f, "--"), true))
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	defer stop()
	browser, quit := chromedp.NewContext(allocator)
	defer quit()
	if err := chromedp.Do(browser); err != nil {
		log.Fatal(err)
	}
	err := drive.Serve(func(ctx context.Context, site string) error {
		tab, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
		defer cancel()
		defer context.AfterFunc(ctx, cancel)()
		return journey(tab, base, site)
	})
	if err != nil {
		log.Print(err)
	}
}

func journey(ctx context.Context, base, site string) error {
	if err := chromedp.Do(ctx, chromedp.Navigate(base+"/"+site+"/")); err != nil {
		return err
	}
	want := "200"
	var err error
	switch site {
	case "portal", "spa":
		err = chromedp.Do(ctx,
			chromedp.Click(`//a[text()="登录"]`),
			chromedp.SendKeys(chromedp.CSS("[name=user]"), drive.Account),
			chromedp.SendKeys(chromedp.CSS("[name=password]"), drive.Password),
			chromedp.Click(`//button[text()="提交"]`),
			chromedp.WaitVisible(`//h1[text()="工作台"]`))
		if site == "spa" {
			want = "1000"
		}
	case "big":
		return chromedp.Do(ctx, chromedp.Click(`//button[text()="继续"]`), chromedp.WaitVisible(`//p[@id="done" and text()="完成"]`))
	case "sub":
		want = "30"
	}
	if err != nil {
		return err
	}
	got, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("#count")))
	if err == nil && !strings.Contains(got, want) {
		err = fmt.Errorf("count says %q", got)
	}
	return err
}
