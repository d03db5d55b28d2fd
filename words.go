package gengfu

import "strings"

// chinese holds the words of the engine that stand in a failure beside the
// author's and the page's: roles, kinds of locators, kinds of expectations.
var chinese = map[string]string{
	"button": "按钮", "link": "链接", "heading": "标题", "textbox": "输入框", "checkbox": "复选框", "radio": "单选按钮",
	"combobox": "下拉框", "listbox": "列表框", "option": "选项", "menuitem": "菜单项", "tab": "标签页", "dialog": "对话框",
	"alert": "提示", "status": "状态提示", "img": "图片", "table": "表格", "row": "行", "cell": "单元格", "list": "列表",
	"listitem": "列表项", "searchbox": "搜索框", "switch": "开关", "form": "表单", "navigation": "导航", "element": "元素",
	"label": "标签", "placeholder": "占位提示", "text": "文字", "title": "标题", "alt": "替代文字", "testid": "测试标识",
	"url": "网址", "path": "路径", "visible": "可见", "hidden": "隐藏", "enabled": "可用", "disabled": "禁用", "checked": "已勾选",
	"unchecked": "未勾选", "value": "值", "count": "数量", "attribute": "属性", "not": "非", "in": "位于", "with": "含有",
	"download": "下载", "nothing": "无", "size": "大小", "complete": "完整", "incomplete": "未完成", "broken-off": "中断",
	"file-chooser": "文件选择框",
	"scheme":       "不支持的地址类型", "unreadable-address": "地址无法识别", "deny-list": "在禁止名单中", "cloud-metadata": "云元数据服务",
	"link-local": "链路本地地址", "multicast": "组播地址", "unspecified-address": "未指定地址", "reserved-address": "保留地址",
	"own-listener": "本系统自身的端口", "loopback": "监测主机本机", "private-network": "内网地址",
	"body": "正文", "json": "JSON", "header": "响应头", "latency": "耗时", "expires_in": "证书剩余", "protocol": "协议", "answers": "解析结果",
	"rows": "行数", "loss": "丢包", "exists": "存在", "absent": "不存在",
	"bytes": "数据量", "console": "控制台", "errors": "错误数", "failed": "失败的", "requests": "请求数", "total": "总耗时", "load": "加载",
}

// verbs are the words for what a step does.
var verbs = map[string]string{
	"goto": "打开", "click": "点击", "fill": "填写", "select": "选择", "tick": "勾选", "untick": "取消勾选", "press": "按键",
	"hover": "悬停", "upload": "上传", "wait": "等待", "expect": "检查", "save": "读取", "set": "写入", "repeat": "重复", "eval": "执行脚本", "a11y": "无障碍检查", "check": "比较", "close": "关闭", "totp": "动态口令",
	"http": "请求", "tls": "检查证书", "dns": "查询域名", "tcp": "连接", "icmp": "Ping", "websocket": "WebSocket", "sql": "查询数据库",
	"dblclick": "双击", "rightclick": "右键点击", "drag": "拖动", "scroll": "滚动", "pdf": "打印",
	"session": "登录身份",
}

// inLang puts the engine's own words in a text into lang. What stands in
// quotes is the author's or the page's and stays.
func inLang(text string, lang Lang) string {
	if lang == English || text == "" {
		return text
	}
	var b strings.Builder
	for text != "" {
		words, rest, quoted := strings.Cut(text, "“")
		translateWords(&b, words)
		if !quoted {
			break
		}
		inside, after, _ := strings.Cut(rest, "”")
		b.WriteString("“" + inside + "”")
		text = after
	}
	return b.String()
}

// inLangIf is inLang for texts that are the engine's own.
func inLangIf(own bool, text string, lang Lang) string {
	if !own {
		return Say(text, lang)
	}
	return inLang(text, lang)
}

func translateWords(b *strings.Builder, text string) {
	for i, w := range strings.Split(text, " ") {
		if i > 0 {
			b.WriteByte(' ')
		}
		if zh, ok := chinese[w]; ok {
			w = zh
		}
		b.WriteString(w)
	}
}

// StepName is a step's name in lang. A name that was made from the step begins
// with its verb, which is translated; an author's own name stays.
func StepName(lang Lang, verb, name string) string {
	if rest, made := strings.CutPrefix(name, verb+" "); made && lang != English {
		if zh, ok := verbs[verb]; ok {
			return zh + " " + rest
		}
	}
	return name
}
