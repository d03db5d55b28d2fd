package gengfu

import (
	"fmt"
	"strings"
	"time"
)

// Lang is a language of the product.
type Lang string

// The two languages; both are complete everywhere.
const (
	Chinese Lang = "zh-CN"
	English Lang = "en"
)

// Reason is the machine name of what went wrong in a step; the sentence that a
// person reads is made from it by [Failure.Sentence].
type Reason string

// Failure says why a run is not a plain pass: what was looked for, what was
// seen, and what stood in the way. Every text in it is already redacted.
type Failure struct {
	Fault  Fault
	Reason Reason
	Step   int    // 1-based index of the step, 0 when before the first
	Name   string // the step's name
	Verb   string
	Want   string        // what was looked for or expected
	Seen   string        // what was there instead
	Cover  string        // the element that covered the target
	Detail string        // extra words of the browser or the machine
	Waited time.Duration // how long it was looked for
	URL    string        // the page it happened on, query removed
	Hints  []string      // page messages, invalid fields, failing API answers
}

// The reasons, grouped by the fault they usually carry.
const (
	ReasonNotFound       Reason = "not_found"
	ReasonAmbiguous      Reason = "ambiguous"
	ReasonNotVisible     Reason = "not_visible"
	ReasonDisabled       Reason = "disabled"
	ReasonReadOnly       Reason = "read_only"
	ReasonMoving         Reason = "moving"
	ReasonCovered        Reason = "covered"
	ReasonOutside        Reason = "outside_viewport"
	ReasonNoOption       Reason = "no_option"
	ReasonBadValue       Reason = "bad_value"
	ReasonNotHeld        Reason = "not_held" // a value did not stay as set
	ReasonExpect         Reason = "expectation"
	ReasonCheck          Reason = "check"
	ReasonStatus         Reason = "status"
	ReasonSlow           Reason = "slow"
	ReasonTimeout        Reason = "timeout"
	ReasonRunTimeout     Reason = "run_timeout"
	ReasonNoAnswer       Reason = "no_answer" // no first byte in time
	ReasonDNS            Reason = "dns"
	ReasonConnect        Reason = "connect"
	ReasonTLS            Reason = "tls"
	ReasonRedirects      Reason = "too_many_redirects"
	ReasonNavigate       Reason = "navigate"
	ReasonDownload       Reason = "download"
	ReasonBlocked        Reason = "blocked_page"
	ReasonCrash          Reason = "renderer_crash"
	ReasonDialogs        Reason = "dialog_storm"
	ReasonJS             Reason = "js_error"
	ReasonCredential     Reason = "credential"
	ReasonLockout        Reason = "lockout"
	ReasonMaintenance    Reason = "maintenance"
	ReasonToldRetry      Reason = "told_retry" // each time a step was done again
	ReasonBreaker        Reason = "breaker"    // log-ins of the identity are suspended
	ReasonGuard          Reason = "guard"      // a write was refused that a step waited for
	ReasonOver           Reason = "over"       // an amount over its budget
	ReasonA11y           Reason = "a11y"
	ReasonPageMemory     Reason = "page_memory"
	ReasonTooLarge       Reason = "page_too_large"
	ReasonTooMuch        Reason = "too_much_data"
	ReasonRequests       Reason = "request_flood"
	ReasonWorkers        Reason = "worker_flood"
	ReasonKilled         Reason = "renderer_killed" // by somebody on our machine
	ReasonBrowserGone    Reason = "browser_gone"
	ReasonBrowserFrozen  Reason = "browser_frozen"
	ReasonBrowserStart   Reason = "browser_start"
	ReasonMachine        Reason = "machine"
	ReasonScenario       Reason = "scenario"
	ReasonSecret         Reason = "secret"
	ReasonPolicy         Reason = "policy"
	ReasonEgress         Reason = "egress"
	ReasonNetworkOurs    Reason = "own_network"
	ReasonThreshold      Reason = "threshold" // a host reading over its limit
	ReasonProberInternal Reason = "internal"
	ReasonSessionBusy    Reason = "session_busy"
	ReasonAttend         Reason = "attend"      // a person was asked and did not come
	ReasonAttendHeld     Reason = "attend_held" // a person would be needed and is not asked now
	ReasonAttendLost     Reason = "attend_lost" // nobody could be asked
	ReasonSelfCheck      Reason = "self_check"  // the prober found something wrong with itself
	ReasonSession        Reason = "session"     // a kept log-in that could not be taken up, by our own fault

	ReasonCertExpired Reason = "cert_expired"
	ReasonCertEarly   Reason = "cert_not_yet_valid"
	ReasonCertName    Reason = "cert_name"
	ReasonCertUnknown Reason = "cert_unknown_issuer"
	ReasonCertSelf    Reason = "cert_self_signed"
	ReasonCertSoon    Reason = "cert_ends_soon"
	ReasonPing        Reason = "ping_permission"
	ReasonLoss        Reason = "packet_loss"
	ReasonQuery       Reason = "query"
	ReasonNotJSON     Reason = "not_json"
	ReasonAnswerSize  Reason = "answer_too_large"
)

// sentence holds the Chinese and English words for a reason. In them %w is
// Want, %s Seen, %c Cover, %d Detail and %t the time waited.
var sentences = map[Reason][2]string{
	ReasonNotFound:       {"等待 %t 后仍未找到 %w", "%w was not found within %t"},
	ReasonAmbiguous:      {"%w 匹配到多个元素：%s", "%w matches more than one element: %s"},
	ReasonNotVisible:     {"%w 存在但不可见（等待 %t）", "%w exists but is not visible (waited %t)"},
	ReasonDisabled:       {"%w 一直处于禁用状态（等待 %t）", "%w stayed disabled (waited %t)"},
	ReasonReadOnly:       {"%w 一直处于只读状态（等待 %t）", "%w stayed read-only (waited %t)"},
	ReasonMoving:         {"%w 一直在移动，无法点击（等待 %t）", "%w kept moving (waited %t)"},
	ReasonCovered:        {"%w 被 %c 遮挡，无法点击（等待 %t）", "%w is covered by %c (waited %t)"},
	ReasonOutside:        {"%w 无法滚动到可视区域内", "%w cannot be scrolled into view"},
	ReasonNoOption:       {"%w 中没有该选项，现有：%s", "%w has no such option; it offers %s"},
	ReasonBadValue:       {"%w 不接受该值：%d", "%w does not take the value: %d"},
	ReasonNotHeld:        {"%w 的值未能保持，当前为 %s", "%w did not keep the value; it shows %s"},
	ReasonExpect:         {"期望 %w，实际 %s（等待 %t）", "expected %w, saw %s (waited %t)"},
	ReasonCheck:          {"检查不成立：%w，实际 %s", "check does not hold: %w, with %s"},
	ReasonStatus:         {"页面返回 HTTP %s", "the page answered HTTP %s"},
	ReasonSlow:           {"耗时 %s，超过上限 %w", "took %s, over the limit of %w"},
	ReasonTimeout:        {"等待 %t 后超时：%d", "timed out after %t: %d"},
	ReasonRunTimeout:     {"整个场景超过时限 %t；当时：%d", "the run passed its time limit of %t; at that moment: %d"},
	ReasonNoAnswer:       {"服务器在 %t 内没有返回任何内容", "the server sent nothing within %t"},
	ReasonDNS:            {"域名无法解析：%d", "the name cannot be resolved: %d"},
	ReasonConnect:        {"无法连接服务器：%d", "the server cannot be reached: %d"},
	ReasonTLS:            {"证书或 TLS 握手失败：%d", "TLS failed: %d"},
	ReasonRedirects:      {"页面重定向次数过多：%d", "too many redirects: %d"},
	ReasonNavigate:       {"页面打开失败：%d", "the page did not open: %d"},
	ReasonDownload:       {"打开的地址是下载文件而不是页面", "the address is a download, not a page"},
	ReasonBlocked:        {"页面主线程失去响应（%t）", "the page's main thread stopped answering (%t)"},
	ReasonCrash:          {"页面进程崩溃", "the page's renderer crashed"},
	ReasonDialogs:        {"页面连续弹出对话框：%s", "the page keeps opening dialogs: %s"},
	ReasonJS:             {"页面脚本出错：%d", "the page's script failed: %d"},
	ReasonCredential:     {"登录被拒绝（监测账号问题）：%s", "the log-in was rejected (our account): %s"},
	ReasonLockout:        {"监测账号被锁定：%s", "our account is locked: %s"},
	ReasonMaintenance:    {"平台提示正在维护：%s", "the platform says that it is under maintenance: %s"},
	ReasonToldRetry:      {"重做步骤后页面仍提示：%s", "the step was done again and the page still says: %s"},
	ReasonBreaker:        {"身份 %w 连续 %s 次登录被拒，已暂停登录：%d", "log-ins as %w are suspended after %s rejections: %d"},
	ReasonGuard:          {"guard 拒绝了 %w，步骤无法继续（要放行，就把 %w 写进 browser.guard.allow）：%d", "guard refused %w, and the step could not go on (to let it through, add %w to browser.guard.allow): %d"},
	ReasonOver:           {"%d %s，超过上限 %w", "%d: %s, over the limit of %w"},
	ReasonA11y:           {"无障碍问题（%w 及以上）：%s", "accessibility findings (%w and worse): %s"},
	ReasonPageMemory:     {"页面占用内存超过 %w，已被终止", "the page took more than %w of memory and was ended"},
	ReasonTooLarge:       {"页面文档超过 %w 仍未结束，已停止加载", "the page's document passed %w and was cut off"},
	ReasonTooMuch:        {"页面加载的数据超过 %w，已停止加载", "the page loaded more than %w and was cut off"},
	ReasonRequests:       {"页面发出的请求超过 %w 个，已停止", "the page sent more than %w requests and was stopped"},
	ReasonWorkers:        {"页面同时运行的后台线程（worker）超过 %w 个，已停止", "the page ran more than %w workers at once and was stopped"},
	ReasonKilled:         {"页面进程在监测主机上被终止（可能内存不足）", "the page's process was killed on our machine (it may lack memory)"},
	ReasonBrowserGone:    {"监测端浏览器意外退出：%d", "our browser exited: %d"},
	ReasonBrowserFrozen:  {"监测端浏览器失去响应", "our browser stopped answering"},
	ReasonBrowserStart:   {"监测端浏览器无法启动：%d", "our browser cannot start: %d"},
	ReasonMachine:        {"监测主机资源异常：%d", "our machine is in trouble: %d"},
	ReasonScenario:       {"场景编写有误：%d", "the scenario is wrong: %d"},
	ReasonSecret:         {"缺少密钥 %w：%d", "secret %w is missing: %d"},
	ReasonPolicy:         {"访问被安全策略拒绝：%d", "refused by policy: %d"},
	ReasonEgress:         {"出口策略不允许访问 %w：%s", "the egress policy refuses %w: %s"},
	ReasonNetworkOurs:    {"监测端自身网络异常：%d", "our own network is in trouble: %d"},
	ReasonSelfCheck:      {"监测端自检未通过：%d", "the prober's self-check fails: %d"},
	ReasonThreshold:      {"%w 当前 %s，超过阈值 %d", "%w is at %s, over the limit of %d"},
	ReasonSessionBusy:    {"等待另一次运行登录身份 %w 超时（%t）", "another run was still logging in as %w (waited %t)"},
	ReasonAttend:         {"需要人工处理 %w，已通知 %s 次，等待 %t 无人处理", "%w needs a person; nobody came within %t (asked %s times)"},
	ReasonAttendHeld:     {"需要人工处理 %w，但现在不通知：%d", "%w needs a person, and nobody is asked now: %d"},
	ReasonAttendLost:     {"需要人工处理 %w，但无法通知任何人：%d", "%w needs a person, and nobody could be asked: %d"},
	ReasonSession:        {"无法恢复身份 %w 的登录状态：%d", "the kept log-in of %w could not be restored: %d"},
	ReasonProberInternal: {"监测端内部错误：%d", "internal error of the prober: %d"},

	ReasonCertExpired: {"证书已于 %s 过期", "the certificate expired on %s"},
	ReasonCertEarly:   {"证书自 %s 起才有效", "the certificate is not valid before %s"},
	ReasonCertName:    {"证书不适用于 %w，只适用于：%s", "the certificate is not for %w, only for %s"},
	ReasonCertUnknown: {"证书的签发者不受信任：%s", "the issuer of the certificate is not trusted: %s"},
	ReasonCertSelf:    {"证书是自签名的：%s", "the certificate is self-signed: %s"},
	ReasonCertSoon:    {"证书将在 %s 后过期，少于 %w", "the certificate ends in %s, less than %w"},
	ReasonPing:        {"监测主机不允许发送 ping：%d", "our machine does not allow pings: %d"},
	ReasonLoss:        {"丢包 %s，超过上限 %w", "%s of the packets were lost, over the limit of %w"},
	ReasonQuery:       {"数据库拒绝了请求：%d", "the database refused: %d"},
	ReasonNotJSON:     {"返回内容不是 JSON：%d", "the answer is not JSON: %d"},
	ReasonAnswerSize:  {"返回内容超过 %w", "the answer is larger than %w"},
}

// Sentence says the failure in one sentence of lang, without the step.
func (f Failure) Sentence(lang Lang) string {
	words, ok := sentences[f.Reason]
	if !ok {
		words = [2]string{"%d", "%d"}
	}
	text := words[0]
	if lang == English {
		text = words[1]
	}
	return strings.NewReplacer("%w", inLang(f.Want, lang), "%s", inLang(f.Seen, lang), "%c", f.Cover, "%d", inLangIf(f.Reason == ReasonOver, f.Detail, lang), "%t", Span(f.Waited)).Replace(text)
}

// Where names the step that failed in lang, empty when there is none.
func (f Failure) Where(lang Lang) string {
	if f.Step == 0 {
		return ""
	}
	name := StepName(lang, f.Verb, f.Name)
	if lang == English {
		return fmt.Sprintf("step %d (%s)", f.Step, name)
	}
	return fmt.Sprintf("第 %d 步（%s）", f.Step, name)
}

// Cause is the whole sentence: where, then what.
func (f Failure) Cause(lang Lang) string {
	where := f.Where(lang)
	switch {
	case where == "":
		return f.Sentence(lang)
	case lang == English:
		return where + ": " + f.Sentence(lang)
	}
	return where + "：" + f.Sentence(lang)
}

// Span prints a duration the way people read one: 340 ms, 2.4 s, 3 min 20 s,
// 5 h 12 min, 3 d 4 h.
func Span(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + Span(-d)
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + " s"
	case d < time.Hour:
		return pair(int(d/time.Minute), "min", int(d%time.Minute/time.Second), "s")
	case d < 48*time.Hour:
		return pair(int(d/time.Hour), "h", int(d%time.Hour/time.Minute), "min")
	}
	return pair(int(d/(24*time.Hour)), "d", int(d%(24*time.Hour)/time.Hour), "h")
}

func pair(a int, unit string, b int, small string) string {
	if b == 0 {
		return fmt.Sprintf("%d %s", a, unit)
	}
	return fmt.Sprintf("%d %s %d %s", a, unit, b, small)
}

// Kinds of hints: a hint is its kind followed by the text.
const (
	HintNear    = "near:"    // what comes closest to a locator that found nothing
	HintMessage = "message:" // a toast or alert of the page
	HintInvalid = "invalid:" // the browser's own form validation
	HintRequest = "request:" // a failing first-party request
	HintAnswer  = "answer:"  // an interface that refused, though the request went through
	HintConsole = "console:" // an uncaught exception
	HintDialog  = "dialog:"
	HintLoading = "loading:" // a page that is still being loaded
	HintChanged = "changed:" // when the scenario was changed, under which it has not passed yet
	HintLogin   = "login:"   // the step of another run's log-in that this run waited for
)

var hintWords = map[string][2]string{
	HintNear:    {"相近的元素", "closest on the page"},
	HintMessage: {"页面提示", "the page said"},
	HintInvalid: {"表单校验", "form validation"},
	HintRequest: {"失败的请求", "failed request"},
	HintAnswer:  {"接口返回", "the interface answered"},
	HintConsole: {"脚本异常", "script error"},
	HintDialog:  {"对话框", "dialog"},
	HintLoading: {"仍在加载", "still loading"},
	HintChanged: {"场景有改动，此后从未通过；改于", "the scenario was changed and has not passed since; changed at"},
	HintLogin:   {"另一次运行登录时的步骤", "the step at which the log-in of another run failed"},
}

// HintLines are the hints in lang, one a line.
func (f Failure) HintLines(lang Lang) []string {
	var lines []string
	for _, h := range f.Hints {
		kind, text, _ := strings.Cut(h, ":")
		words, ok := hintWords[kind+":"]
		switch {
		case !ok:
			lines = append(lines, h)
		case lang == English:
			if words == hintWords[HintNear] {
				text = strings.ReplaceAll(text, "、", ", ")
			}
			lines = append(lines, words[1]+": "+text)
		default:
			lines = append(lines, words[0]+"："+text)
		}
	}
	return lines
}
