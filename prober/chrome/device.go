package chrome

import (
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"

	"gengfu/scenarios"
)

// device is how the browser presents itself, with all texts resolved.
type device struct {
	browser   scenarios.Browser
	headers   network.Headers
	userAgent string
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
	if b.Timezone != "" {
		calls = append(calls, s.send(emulation.CommandSetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: b.Timezone}))
	}
	if len(d.headers) > 0 {
		calls = append(calls, s.send(network.CommandSetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: d.headers}))
	}
	if len(b.Block) > 0 {
		calls = append(calls, s.send(network.CommandSetBlockedURLs, network.SetBlockedURLsParams{URLPatterns: blockPatterns(b.Block)}))
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

// blockPatterns turns the author's globs into URL patterns: a glob without a
// scheme applies to every scheme and host.
func blockPatterns(globs []string) []*network.BlockPattern {
	var out []*network.BlockPattern
	for _, g := range globs {
		if !strings.Contains(g, "://") {
			g = "*://*:*/" + strings.TrimLeft(g, "/")
		}
		out = append(out, &network.BlockPattern{URLPattern: g, Block: true})
	}
	return out
}

// acceptLanguage is the header of a person who reads the locale: zh-CN,zh;q=0.9.
func acceptLanguage(locale string) string {
	lang, _, regional := strings.Cut(locale, "-")
	if !regional {
		return locale
	}
	return locale + "," + lang + ";q=0.9"
}
