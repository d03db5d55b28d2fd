package chrome

import (
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"

	"gengfu/scenarios"
)

// device is how the browser presents itself.
type device struct {
	browser   scenarios.Browser
	userAgent string
}

// deviceOf is the device of a scenario in a browser that calls itself own.
func deviceOf(b scenarios.Browser, own string) device {
	d := device{browser: b, userAgent: b.UserAgent}
	d.browser.Headers, d.browser.Trace, d.browser.HAR = nil, scenarios.Trace{}, false // the run's, see headers.go
	d.browser.Equipment = scenarios.Equipment{}
	if d.userAgent == "" {
		d.userAgent = strings.ReplaceAll(own, "HeadlessChrome", "Chrome") + " Gengfu"
	}
	return d
}

// commands sets a session up as the device. Size and touch belong to the top
// of a page only.
func (d device) commands(s *session, top bool) []*call {
	b := d.browser
	calls := []*call{
		s.send(emulation.CommandSetUserAgentOverride, emulation.SetUserAgentOverrideParams{
			UserAgent: d.userAgent, AcceptLanguage: acceptLanguage(b.Locale),
		}),
	}
	if b.Locale != "" {
		calls = append(calls, s.send(emulation.CommandSetLocaleOverride, emulation.SetLocaleOverrideParams{Locale: b.Locale}))
	}
	if b.Timezone != "" && b.Timezone != s.conn.zone {
		calls = append(calls, s.send(emulation.CommandSetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: b.Timezone}))
	}
	if len(b.Block) > 0 {
		calls = append(calls, s.send(network.CommandSetBlockedURLs, network.SetBlockedURLsParams{URLPatterns: blockPatterns(b.Block)}))
	}
	if f := mediaFeatures(b); len(f) > 0 {
		calls = append(calls, s.send(emulation.CommandSetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: f}))
	}
	if !top {
		return calls
	}
	calls = append(calls, s.send(emulation.CommandSetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: int64(b.Width), Height: int64(b.Height), DeviceScaleFactor: b.Scale, Mobile: b.Mobile,
	}))
	if b.Mobile {
		calls = append(calls, s.send(emulation.CommandSetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true}))
	}
	return calls
}

// acceptLanguage lists the languages of a person who reads the locale: zh-CN,zh.
// The browser itself weighs them in the header, zh-CN,zh;q=0.9, and shows the
// list to scripts.
func acceptLanguage(locale string) string {
	lang, _, regional := strings.Cut(locale, "-")
	if !regional {
		return locale
	}
	return locale + "," + lang
}

// mediaFeatures are what pages are told of the person's taste.
func mediaFeatures(b scenarios.Browser) []*emulation.MediaFeature {
	var out []*emulation.MediaFeature
	if b.ColorScheme != "" {
		out = append(out, &emulation.MediaFeature{Name: "prefers-color-scheme", Value: b.ColorScheme})
	}
	if b.ReducedMotion {
		out = append(out, &emulation.MediaFeature{Name: "prefers-reduced-motion", Value: "reduce"})
	}
	return out
}
