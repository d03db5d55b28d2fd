package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gengfu"
	"gengfu/prober/chrome"
	"gengfu/scenarios"
)

type initFlags struct {
	dir, account, page string
}

func initCommand(o *options) *cobra.Command {
	var f initFlags
	cmd := &cobra.Command{
		Use:   "init <address>",
		Short: "Write first scenarios for a platform by looking at its pages",
		Long: `Init opens the address in the browser, looks for the way to log in, and writes an
instance file and scenarios for the home page and the log-in. With an account, and its
password in GENGFU_SECRET_PASSWORD, it also logs in and writes a scenario for a page
behind the log-in. Every scenario that can be tried is run before the command ends.
Files that exist are never overwritten.`,
		Example: `  gengfu init https://platform.example
  GENGFU_SECRET_PASSWORD=… gengfu init https://platform.example --account probe --dir platform`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.start(cmd.Context(), cmd.OutOrStdout(), args[0], f)
		},
	}
	cmd.Flags().StringVar(&f.dir, "dir", ".", "folder to write into")
	cmd.Flags().StringVar(&f.account, "account", "", "account of the probe")
	cmd.Flags().StringVar(&f.page, "page", "", "what a link behind the log-in says, of the page to watch; the first unless given")
	return cmd
}

// starter writes the first files of an author.
type starter struct {
	w    io.Writer
	in   *instance
	pool *chrome.Pool
	lang gengfu.Lang
	dir  string
	base string // origin
	keys string // lines that every scenario has, as the home page wants them
}

func (o *options) start(ctx context.Context, w io.Writer, address string, f initFlags) error {
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return &exitError{exitUsage, fmt.Errorf("%q is no address, such as https://platform.example", address)}
	}
	in, err := defaultInstance()
	if err != nil {
		return &exitError{exitInvalid, err}
	}
	cfg := in.browser()
	cfg.Standby, cfg.Remember = "off", 0
	pool, err := chrome.NewPool(cfg)
	if err != nil {
		return &exitError{exitErrored, err}
	}
	defer pool.Close()
	st := &starter{w: w, in: in, pool: pool, lang: o.language(), dir: f.dir, base: u.Scheme + "://" + u.Host}
	return st.all(ctx, u, f)
}

func (st *starter) all(ctx context.Context, u *url.URL, f initFlags) error {
	path := u.RequestURI()
	home, err := st.look(ctx, "  - goto: ${base}"+path+"\n")
	if err != nil {
		return err
	}
	st.keys = browserKey(home.Lang)
	if err := st.write("gengfu.yaml", "# The instance file; gengfu check finds its mistakes.\nlanguage: "+string(st.lang)+"\nscenarios: [scenarios]\n"); err != nil {
		return err
	}
	if err := st.scenario(ctx, "home", home, "  - goto: ${base}"+path+"\n", true); err != nil {
		return err
	}
	steps, form, err := st.findLogin(ctx, path, home)
	if err != nil || steps == "" {
		return err
	}
	account, password, button := form.login()
	fill := fmt.Sprintf("  - fill:\n      %s: %s\n      %s: \"${secret.password}\"\n", scenarios.QuotedText(account), scenarios.QuotedText(cmp.Or(f.account, "probe")), scenarios.QuotedText(password))
	steps += fill + "  - click: " + scenarios.QuotedText(button) + "\n    expect:\n      - hidden: " + scenarios.QuotedText(password) + "\n    outcome: [{text: 密码错误, is: credential}, {text: incorrect, is: credential}]\n"
	able := f.account != "" && os.Getenv("GENGFU_SECRET_PASSWORD") != ""
	if !able {
		st.say("给出 --account 和环境变量 GENGFU_SECRET_PASSWORD，即可试登录", "with --account and GENGFU_SECRET_PASSWORD in the environment the log-in is tried, too")
		return st.scenario(ctx, "login", chrome.Sight{}, steps, false)
	}
	inside, err := st.look(ctx, steps)
	if err != nil {
		return err
	}
	if err := st.scenario(ctx, "login", inside, steps, true); err != nil {
		return err
	}
	return st.function(ctx, steps, home, inside, f.page)
}

// function writes a scenario for a page behind the log-in: the one that a link
// leads to which strangers do not see.
func (st *starter) function(ctx context.Context, steps string, home, inside chrome.Sight, page string) error {
	if page == "" {
		page = firstOf(inside.Links, func(s string) bool {
			return !slices.Contains(home.Links, s) && !leaving.MatchString(s) && !homely.MatchString(s) && s != inside.Heading
		})
	}
	if page == "" {
		st.say("没有找到登录后的功能页面链接：请用 --page 指定", "no link to a page behind the log-in was found: name one with --page")
		return nil
	}
	steps += "  - click: " + scenarios.QuotedText(page) + "\n"
	there, err := st.look(ctx, steps)
	if err != nil {
		return err
	}
	return st.scenario(ctx, "function", there, steps, true)
}

// findLogin leads to the page with a field for a password: this one, or the one
// behind a link or button that says so.
func (st *starter) findLogin(ctx context.Context, path string, home chrome.Sight) (steps string, form sightOf, err error) {
	steps = "  - goto: ${base}" + path + "\n"
	if f := (sightOf{home}); f.complete() {
		return steps, f, nil
	}
	way := firstOf(append(home.Links, home.Buttons...), entering.MatchString)
	if way == "" {
		st.say("页面上没有找到登录入口；目前只写了主页场景", "no way to log in was found on the page; the home page is all for now")
		return "", form, nil
	}
	steps += "  - click: " + scenarios.QuotedText(way) + "\n"
	there, err := st.look(ctx, steps)
	form = sightOf{there}
	if err == nil && !form.complete() {
		st.say("“"+way+"”没有打开含密码的表单；目前只写了主页场景", "“"+way+"” does not lead to a form with a password; the home page is all for now")
		return "", form, nil
	}
	return steps, form, err
}

// look runs steps and returns what the page offers then.
func (st *starter) look(ctx context.Context, steps string) (chrome.Sight, error) {
	s, err := st.parse("look", steps)
	if err != nil {
		return chrome.Sight{}, err
	}
	r, sight := st.pool.Look(ctx, s, manualSlot("init"))
	switch {
	case ctx.Err() != nil:
		return sight, &exitError{code: exitInterrupted}
	case r.Failure != nil:
		return sight, &exitError{exitFailed, fmt.Errorf("%s", r.Failure.Cause(st.lang))}
	}
	return sight, nil
}

func (st *starter) parse(id, steps string) (*scenarios.Scenario, error) {
	set, problems := scenarios.Parse(id+".yaml", []byte(st.document(id, "", steps)))
	if len(problems) > 0 {
		return nil, &exitError{exitInvalid, problems}
	}
	return &set.Scenarios[0], nil
}

func (st *starter) document(id, title, steps string) string {
	head := "scenario: " + id + "\n"
	if title != "" {
		head += "title: " + scenarios.QuotedText(title) + "\n"
	}
	return head + "\nvars:\n  base: " + st.base + "\n\n" + st.keys + "steps:\n" + steps + "\nschedule: {every: 5m}\n"
}

// scenario writes a file, and runs it when it can pass.
func (st *starter) scenario(ctx context.Context, id string, seen chrome.Sight, steps string, try bool) error {
	title := lasting(seen.Title)
	var sign string
	switch {
	case seen.Heading != "":
		sign = "visible: {role: heading, name: " + scenarios.QuotedText(seen.Heading) + "}"
	case title != "":
		sign = "title: " + scenarios.QuotedText(title)
	case len(seen.Buttons) > 0:
		sign = "visible: {role: button, name: " + scenarios.QuotedText(seen.Buttons[0]) + "}"
	}
	if sign != "" {
		steps += "  - expect:\n      - " + sign + "\n"
	}
	text, err := scenarios.Format(id+".yaml", []byte(st.document(id, title, steps)))
	if err != nil {
		return err
	}
	if err := st.write(filepath.Join("scenarios", id+".yaml"), string(text)); err != nil || !try {
		return err
	}
	s, err := st.parse(id, steps)
	if err != nil {
		return err
	}
	r := st.pool.Run(ctx, s, manualSlot(id), nil)
	if r.Failure != nil {
		return &exitError{exitFailed, fmt.Errorf("%s does not pass yet: %s", id, r.Failure.Cause(st.lang))}
	}
	st.say(id+"  通过，用时 "+gengfu.Span(r.Duration), id+"  passed in "+gengfu.Span(r.Duration))
	return nil
}

func (st *starter) say(zh, en string) {
	if st.lang == gengfu.Chinese {
		en = zh
	}
	fmt.Fprintln(st.w, en)
}

func (st *starter) write(name, text string) error {
	path := filepath.Join(st.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return &exitError{exitErrored, err}
	}
	if err := writeNew(path, []byte(text)); err != nil {
		return err
	}
	st.say("已写入 "+path, "wrote "+path)
	return nil
}

func manualSlot(id string) gengfu.Slot {
	return gengfu.Slot{Scenario: id, Due: time.Now().UTC().Truncate(time.Millisecond), Location: gengfu.DefaultLocation, Attempt: 1, Kind: gengfu.SlotManual}
}
