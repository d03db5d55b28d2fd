package scenarios

// The examples of the reference page: one for each key, sound in its place.
var (
	documentExamples = map[string]string{
		"scenario": "scenario: applicant-login", "title": "title: 申请人登录", "target": "target: platform", "tags": "tags: [p1, applicant]",
		"owner": "owner: 平台组", "runbook": "runbook: 预案/登录异常.md", "notify": "notify: duty", "severity": "severity: major",
		"timeout": "timeout: 90s", "vars": "vars: {name: 张三}", "browser": "browser: {device: phone, locale: zh-CN}", "isolate": "isolate: browser",
		"session":   "session: {name: applicant, keep: 1h, login: [{use: login}]}",
		"steps":     `steps: [{goto: "https://platform.example/"}]`,
		"always":    "always: [{click: 退出登录, optional: true}]",
		"budget":    "budget: {total: {warn: 12s, fail: 40s}}",
		"on_dialog": "on_dialog: accept", "mask": "mask: [{label: 身份证号}]", "schedule": "schedule: {every: 5m}", "confirm": "confirm: {retries: 2, wait: 10s}",
		"whenever": "whenever: [{visible: {text: 公告}, close: 公告}]", "outcome": "outcome: [{text: 密码错误, is: credential}]",
		"fragment": "fragment: login", "params": "params: {account: {required: true}}",
	}
	modifierExamples = map[string]string{
		"name": "name: 打开首页", "with": "with: {account: probe}", "budget": "budget: {warn: 2s, fail: 8s}", "optional": "optional: true",
		"when": "when: {visible: {text: 公告}}", "timeout": "timeout: 20s", "outcome": "outcome: [{text: 密码错误, is: credential}]",
		"frame": "frame: {css: iframe}", "tab": "tab: popup", "on_dialog": `on_dialog: {accept: "确定"}`, "network": "network: offline",
		"at": "at: [10, 20]", "level": "level: warn", "by_keys": "by_keys: true",
	}
	locatorExamples = map[string]string{
		"role": "{role: button, name: 下一步}", "name": "{role: link, name: 补贴申请}", "label": "{label: 姓名}", "placeholder": "{placeholder: 密码}",
		"text": "{text: 提交成功}", "testid": "{testid: submit}", "title": "{title: 关闭}", "alt": "{alt: 验证码}", "css": `{css: "#total"}`,
		"xpath": `{xpath: "//button[text()='提交']"}`, "nth": "{text: 详情, nth: -1}", "within": "{text: 详情, within: {css: .list}}",
		"has": "{role: row, has: {text: 待审核}}", "exact": "{text: 申请, exact: false}", "frame": "{text: 统计, frame: {css: iframe}}",
	}
	expectExamples = map[string]string{
		"url": "url: /home", "title": "title: {contains: 健康养老}", "text": "text: 提交成功", "visible": "visible: {role: table}", "hidden": "hidden: {css: .loading}",
		"enabled": "enabled: {of: 提交, is: false}", "checked": "checked: 我已阅读", "value": "value: {of: 姓名, equals: 张三}",
		"count": "count: {of: {css: tbody tr}, min: 1}", "attribute": "attribute: {of: {css: a.help}, name: href, contains: /help}",
		"console": "console: {errors: 0}", "requests": "requests: {failed: 0}", "status": "status: [200, 304]", "dialog": "dialog: 保存成功",
		"download": "download: {name: report.csv, min: 1 kB}", "level": "level: warn",
		"body": "body: {contains: 智慧健康养老}", "json": "json: {path: data.total, min: 1}", "header": "header: {name: content-type, contains: json}",
		"latency": "latency: {warn: 500ms, fail: 3s}", "expires_in": "expires_in: {warn: 30d, fail: 7d}", "protocol": "protocol: TLS 1.3",
		"answers": "answers: {contains: 192.0.2.1}", "rows": "rows: {min: 1}", "loss": "loss: {warn: 10%, fail: 50%}",
	}
)
