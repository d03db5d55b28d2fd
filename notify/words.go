package notify

import (
	"strings"

	"gengfu"
)

// words is a text in Chinese and in English.
type words [2]string

func (w words) in(lang gengfu.Lang) string {
	if lang == gengfu.English {
		return w[1]
	}
	return w[0]
}

// eventTest is the kind of the notice that tries a route out; the ledger never
// holds it.
const eventTest gengfu.EventKind = "test"

// leads are the first lines: what, how bad, since when, whose.
var leads = map[gengfu.EventKind]words{
	gengfu.EventOpened:      {"【{grade}】{what}：{title}，自 {since} 起，负责人：{owner}", "[{grade}] {what}: {title}, since {since}, owner: {owner}"},
	gengfu.EventReopened:    {"【{grade}】{what}再次出现：{title}，自 {since} 起，第 {times} 次复发，负责人：{owner}", "[{grade}] {what} again: {title}, since {since}, relapse {times}, owner: {owner}"},
	gengfu.EventUpdated:     {"【{grade}】{what}有变化：{title}，自 {since} 起，负责人：{owner}", "[{grade}] {what}, changed: {title}, since {since}, owner: {owner}"},
	gengfu.EventAcked:       {"【{grade}】{what}已有人处理：{title}，自 {since} 起，处理人：{acker}", "[{grade}] {what}, taken: {title}, since {since}, by {acker}"},
	gengfu.EventAssigned:    {"【{grade}】{what}已指派：{title}，自 {since} 起，处理人：{assignee}", "[{grade}] {what}, assigned: {title}, since {since}, to {assignee}"},
	gengfu.EventNoted:       {"【{grade}】{what}有新备注：{title}，自 {since} 起，{actor} 填写", "[{grade}] {what}, note: {title}, since {since}, by {actor}"},
	gengfu.EventResolved:    {"【{grade}·已恢复】{what}：{title}，自 {since} 起历时 {took}，负责人：{owner}", "[{grade}, RESOLVED] {what}: {title}, since {since}, lasted {took}, owner: {owner}"},
	gengfu.EventClosed:      {"【{grade}·已关闭】{what}：{title}，自 {since} 起历时 {took}，{actor} 关闭", "[{grade}, CLOSED] {what}: {title}, since {since}, lasted {took}, closed by {actor}"},
	gengfu.EventMitigated:   {"【{grade}·待观察】{what}已缓解：{title}，自 {since} 起，{actor} 操作", "[{grade}, MITIGATED] {what}: {title}, since {since}, by {actor}"},
	gengfu.EventReviewed:    {"【{grade}·已复盘】{what}：{title}，{actor} 操作", "[{grade}, REVIEWED] {what}: {title}, by {actor}"},
	gengfu.EventDeclined:    {"【{grade}·误报】{what}：{title}，{actor} 判定", "[{grade}, FALSE ALARM] {what}: {title}, says {actor}"},
	gengfu.EventMerged:      {"【{grade}·已合并】{what}：{title}，与 {into} 为同一故障，后续在该事件下通知", "[{grade}, MERGED] {what}: {title}, part of {into}, where it goes on"},
	gengfu.EventHeld:        {"【{grade}】{what}已挂起：{title}，自 {since} 起，{actor} 操作", "[{grade}] {what}, on hold: {title}, since {since}, by {actor}"},
	gengfu.EventReleased:    {"【{grade}】{what}挂起结束：{title}，自 {since} 起，负责人：{owner}", "[{grade}] {what}, no longer on hold: {title}, since {since}, owner: {owner}"},
	gengfu.EventETA:         {"【{grade}】{what}已告知修复时间：{title}，自 {since} 起，{actor} 告知", "[{grade}] {what}, repair time announced: {title}, since {since}, by {actor}"},
	gengfu.EventOnSiteAsked: {"【{grade}】{what}要求到场：{title}，自 {since} 起，{actor} 操作", "[{grade}] {what}, presence on site asked for: {title}, since {since}, by {actor}"},
	gengfu.EventOnSite:      {"【{grade}】{what}已有人到场：{title}，自 {since} 起，{actor} 操作", "[{grade}] {what}, somebody is on site: {title}, since {since}, by {actor}"},
	gengfu.EventFlapping:    {"【{grade}·抖动】{what}时好时坏：{title}，自 {since} 起，稳定之前不再逐次通知，负责人：{owner}", "[{grade}, FLAPPING] {what} comes and goes: {title}, since {since}, no more about each change until it keeps still, owner: {owner}"},
	gengfu.EventEscalated:   {"【{grade}·升级】{what}仍无人确认：{title}，自 {since} 起，负责人：{owner}", "[{grade}, ESCALATED] {what}, nobody has taken it: {title}, since {since}, owner: {owner}"},
	gengfu.EventUnacked:     {"【{grade}·升级】{what}处理中断：{title}，自 {since} 起，超时未更新，请重新确认", "[{grade}, ESCALATED] {what}, no news from whoever took it: {title}, since {since}, please take it anew"},
	gengfu.EventExhausted:   {"【{grade}·升级】{what}已逐级通知完毕，仍无人确认：{title}，自 {since} 起", "[{grade}, ESCALATED] {what}, everybody was told and nobody has taken it: {title}, since {since}"},
	gengfu.EventReminded:    {"【{grade}·提醒】{what}仍未恢复：{title}，自 {since} 起，处理人：{assignee}", "[{grade}, REMINDER] {what}, still open: {title}, since {since}, assigned to {assignee}"},

	gengfu.EventClockWarned:   {"【{grade}·时限】{what}时限将到：{title}，自 {since} 起，处理人：{assignee}", "[{grade}, TIME] {what}, the contract's time is running out: {title}, since {since}, assigned to {assignee}"},
	gengfu.EventClockBreached: {"【{grade}·超时】{what}已超过时限：{title}，自 {since} 起，处理人：{assignee}", "[{grade}, OVERDUE] {what}, the contract's time is over: {title}, since {since}, assigned to {assignee}"},

	gengfu.EventUnmuted: {"【{grade}·仍未恢复】{what}：{title}，自 {since} 起，静默已结束，负责人：{owner}", "[{grade}, STILL FAILING] {what}: {title}, since {since}, its silence is over, owner: {owner}"},
	eventTest:           {"【测试】这是一条测试消息：收到即说明通知通道可用，无需处理", "[TEST] This is a test message: the channel works, there is nothing to do"},
}

// The scopes of incident keys that are told in words of their own.
const (
	scopeAccount = "account"
	scopeHost    = "host"
	scopeProber  = "prober"
	scopeChannel = "channel"
	scopeTarget  = "target"
	scopeLogin   = "login"
	scopeHere    = "location"
)

// scopeOf is the kind of thing that an incident key names.
func scopeOf(key string) string {
	scope, _, _ := strings.Cut(key, ":")
	return scope
}

var whats = map[string]words{
	"":           {"故障", "Down"},
	scopeTarget:  {"平台故障", "Platform down"},
	scopeLogin:   {"登录故障", "Log-in down"},
	scopeAccount: {"监测账号异常", "Probe account trouble"},
	scopeHost:    {"主机资源告警", "Host resource alert"},
	scopeProber:  {"监测端异常", "Prober trouble"},
	scopeChannel: {"通知通道故障", "Notification channel down"},
	scopeHere:    {"监测点异常", "Trouble at one location"},
}

// remarks keep the reader from blaming the platform.
var remarks = map[string]words{
	scopeChannel: {"这个通道的消息送不到，平台本身不受影响；修好之前请看其他通道。", "Messages by this channel do not arrive; the platform itself is not concerned. Look at the other channels until it is repaired."},
	scopeAccount: {"这是监测账号的问题，不代表平台不可用；处理之前不会再用该账号尝试登录。", "This is trouble with the probe's own account, not an outage of the platform; it will not be used to log in until it is put right."},
	scopeHere:    {"其他监测点正常，不代表平台整体不可用。", "Other locations find it well; this is no outage of the platform as a whole."},
	scopeProber:  {"这是监测端自身的问题，不代表平台不可用；期间的可用性记为无数据。", "This is the prober's own trouble, not an outage of the platform; availability meanwhile counts as no data."},
}

var grades = map[gengfu.Grade]words{
	gengfu.GradeNotice:   {"提示", "NOTICE"},
	gengfu.GradeOrdinary: {"一般", "ORDINARY"},
	gengfu.GradeMajor:    {"重大", "MAJOR"},
}

// GradeWords is a grade as people read it, in both languages; one that is not
// known stays as it is.
func GradeWords(g gengfu.Grade) string {
	if w, ok := grades[g]; ok {
		return gengfu.Both(w.in(gengfu.Chinese), w.in(gengfu.English))
	}
	return string(g)
}

var states = map[gengfu.IncidentState]words{
	gengfu.IncidentOpen:     {"待处理", "open"},
	gengfu.IncidentAcked:    {"已确认", "acknowledged"},
	gengfu.IncidentWorking:  {"处理中", "being worked on"},
	gengfu.IncidentResolved: {"已恢复", "resolved"},
	gengfu.IncidentClosed:   {"已关闭", "closed"},

	gengfu.IncidentMitigated: {"已恢复待观察", "mitigated"},
	gengfu.IncidentReviewed:  {"已复盘", "reviewed"},
	gengfu.IncidentDeclined:  {"误报", "declined"},
	gengfu.IncidentMerged:    {"已合并", "merged"},
}

// The labels of the lines below the lead.
var (
	wordColon    = words{"：", ": "}
	wordSubject  = words{"[可用性]", "[Availability]"}
	wordIncident = words{"事件", "Incident"}
	wordState    = words{"状态", "State"}
	wordGrade    = words{"等级", "Grade"}
	wordTarget   = words{"平台", "Target"}
	wordMembers  = words{"涉及", "Affected"}
	wordParts    = words{"合并事件", "With incidents"}
	wordBegan    = words{"影响开始", "Impact began"}
	wordDetected = words{"发现时间", "Detected"}
	wordResolved = words{"恢复时间", "Resolved"}
	wordTook     = words{"历时", "Lasted"}
	wordOwner    = words{"负责人", "Owner"}
	wordAcker    = words{"确认人", "Taken by"}
	wordAssignee = words{"处理人", "Assigned to"}
	wordActor    = words{"操作人", "By"}
	wordCause    = words{"原因", "Cause"}
	wordHints    = words{"线索", "Hints"}
	wordNote     = words{"备注", "Note"}
	wordRunbook  = words{"处置手册", "Runbook"}
	wordPicture  = words{"查看图片", "See the picture"}
	wordPage     = words{"查看事件", "Open the incident"}
	wordTake     = words{"确认处理", "Acknowledge"}
	wordRun      = words{"查看运行记录", "Open the run"}
	wordNobody   = words{"未指定", "nobody named"}
	wordMachine  = words{"系统", "the system"}
	wordMore     = words{"等，另有 %d 项", "and %d more"}
	wordFooter   = words{"由更夫自动发送，请勿回复", "Sent by Gengfu; replies are not read"}
)
