package demo_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestApplications_pagesAndFilter(t *testing.T) {
	_, _, v := start(t)
	v.enter()
	all := v.get("/api/applications").listing(t)
	if all.Data.Total < 200 || len(all.Data.Rows) != 20 || all.Data.Pages != (all.Data.Total+19)/20 {
		t.Fatalf("total %d, %d rows, %d pages", all.Data.Total, len(all.Data.Rows), all.Data.Pages)
	}
	last := v.get(fmt.Sprintf("/api/applications?page=%d", all.Data.Pages+5)).listing(t)
	if last.Data.Page != all.Data.Pages || len(last.Data.Rows) != (all.Data.Total-1)%20+1 {
		t.Errorf("last page: %d with %d rows", last.Data.Page, len(last.Data.Rows))
	}
	sum := 0
	for _, status := range []string{"待审核", "审核通过", "已驳回", "已发放"} {
		l := v.get("/api/applications?status=" + url.QueryEscape(status)).listing(t)
		for _, row := range l.Data.Rows {
			if row.Status != status {
				t.Errorf("filter %s shows %s", status, row.Status)
			}
		}
		sum += l.Data.Total
	}
	if sum != all.Data.Total {
		t.Errorf("statuses sum to %d of %d", sum, all.Data.Total)
	}
}

func TestSubmit(t *testing.T) {
	_, _, v := start(t)
	v.enter()
	token := v.token("/apply/3")
	before := v.get("/api/applications").listing(t).Data.Total
	refusals := map[string]map[string]string{
		"请选择补贴类型":   {"type": "别的"},
		"请选择所属区域":   {"region": ""},
		"请输入姓名":     {"name": " "},
		"身份证号格式不正确": {"identity": "110105194912310021"},
		"联系电话格式不正确": {"phone": "12345"},
		"请选择出生日期":   {"birth": "31/12/1949"},
		"请阅读并同意承诺书": {"agree": ""},
		"请上传身份证照片":  {"photo": ""},
	}
	for want, change := range refusals {
		if l := v.submit(token, change).listing(t); l.Code != 422 || l.Message != want {
			t.Errorf("%v: %d %q, want %q", change, l.Code, l.Message, want)
		}
	}
	done := v.submit(token, nil).listing(t)
	if done.Code != 0 || done.Message != "提交成功" || done.Data.No != "QL20261123900001" {
		t.Fatalf("submit: %+v", done)
	}
	after := v.get("/api/applications").listing(t).Data
	if after.Total != before+1 || after.Rows[0].No != done.Data.No || after.Rows[0].Status != "待审核" {
		t.Errorf("the new application is not the first of %d", after.Total)
	}
}

func TestSubmissionsAndDecisions_areBounded(t *testing.T) {
	_, c, v := start(t)
	v.enter()
	token := v.token("/apply/3")
	seeded := v.get("/api/applications").listing(t).Data.Total
	for range 505 {
		v.submit(token, nil)
	}
	if got := v.get("/api/applications").listing(t).Data.Total; got != seeded+500 {
		t.Errorf("after 505 submissions: %d rows, want %d", got, seeded+500)
	}
	admin := visit(t, v.url)
	admin.enterAdmin(c.now())
	token = admin.token("/admin/review")
	pending := func() listing { return admin.get("/api/review?status=" + url.QueryEscape("待审核")).listing(t) }
	for range 150 {
		no := pending().Data.Rows[0].No
		if l := admin.do("POST", "/api/review/"+no, "application/json", strings.NewReader(`{"decision":"approve"}`), token).listing(t); l.Message != "审批成功" {
			t.Fatalf("approve %s: %+v", no, l)
		}
	}
	if left := pending().Data.Total; left < 100 {
		t.Errorf("only %d are left to review", left)
	}
}

func TestReview(t *testing.T) {
	_, c, v := start(t)
	v.enterAdmin(c.now())
	token := v.token("/admin/review")
	first := v.get("/api/review?status=" + url.QueryEscape("待审核") + "&keyword=" + url.QueryEscape("护理补贴")).listing(t).Data.Rows[0]
	if first.Type != "护理补贴" {
		t.Errorf("keyword shows %s", first.Type)
	}
	var got []string
	for _, step := range [][2]string{
		{first.No, `{"decision":"reject"}`},
		{first.No, `{"decision":"reject","comment":"材料不全"}`},
		{first.No, `{"decision":"maybe"}`},
		{"QL0", `{"decision":"approve"}`},
		{first.No, `{`},
	} {
		l := v.do("POST", "/api/review/"+step[0], "application/json", strings.NewReader(step[1]), token).listing(t)
		got = append(got, fmt.Sprint(l.Code, " ", l.Message))
	}
	want := []string{"422 驳回时请填写审批意见", "0 审批成功", "422 请选择审批结果", "404 申请不存在", "400 请求格式不正确"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	if row := v.get("/api/review?keyword=" + first.No).listing(t).Data.Rows[0]; row.Status != "已驳回" {
		t.Errorf("status after the decision: %s", row.Status)
	}
}
