package demo

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// content is what the public pages and the statistics show.
type content struct {
	News   []news
	Notice notice
	Facts  []fact
	Months []monthly
	Year   int
}

type news struct {
	ID      int
	Date    string
	Kind    string
	Title   string
	Summary string
	Text    []string
	Views   int
}

func (n news) mentions(word string) bool {
	return strings.Contains(n.Title+n.Summary+n.Kind+strings.Join(n.Text, ""), word)
}

type notice struct {
	Title, Date string
	Text        []string
}

type fact struct {
	Number, Unit, Label string
}

type monthly struct {
	Month string
	N     int
}

func subsidyTypes() []string { return []string{"高龄津贴", "护理补贴", "居家改造补贴"} }

func regions() []string {
	return []string{"云岭区", "临江区", "安平区", "松河县", "高新技术产业开发区"}
}

// random gives each kind of content its own stream, so that adding to one does
// not change the others.
func random(seed, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }

func seedContent(seed uint64, today time.Time) content {
	rng := random(seed, 1)
	c := content{
		Year: today.Year(),
		Notice: notice{
			Title: "通知公告", Date: today.AddDate(0, 0, -3).Format(time.DateOnly),
			Text: []string{
				"为做好冬季老年人关爱服务，即日起至次年 2 月底，全市高龄独居老年人可预约免费上门健康巡诊。",
				"高龄津贴年度资格认证工作已经开始，请尚未认证的老年人及家属登录个人中心办理，也可到就近社区代办。",
				"咨询电话：12349（工作日 8:30—12:00，14:00—17:30）。",
			},
		},
		Facts: []fact{
			{thousands(128000 + rng.IntN(4000)), "人", "在册老年人"},
			{strconv.Itoa(310 + rng.IntN(20)), "家", "养老服务机构"},
			{thousands(56000 + rng.IntN(3000)), "件", "今年办结申请"},
			{fmt.Sprintf("98.%d", 1+rng.IntN(8)), "%", "群众满意率"},
		},
	}
	day := today
	for i, line := range headlines() {
		day = day.AddDate(0, 0, -1-rng.IntN(4))
		c.News = append(c.News, news{
			ID: i + 1, Date: day.Format(time.DateOnly), Kind: line[0], Title: line[1], Summary: line[2],
			Text: article(line, rng), Views: 180 + rng.IntN(4200),
		})
	}
	first := time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, zone())
	for back := 12; back >= 1; back-- {
		c.Months = append(c.Months, monthly{fmt.Sprintf("%d月", first.AddDate(0, -back, 0).Month()), 420 + rng.IntN(560)})
	}
	return c
}

func article(line [3]string, rng *rand.Rand) []string {
	region := regions()[rng.IntN(len(regions()))]
	return []string{
		line[2],
		fmt.Sprintf("据市民政局介绍，该项工作首批在%s等地开展，预计惠及老年人 %s 人次。各街道（乡镇）要落实专人负责，做到应知尽知、应享尽享。",
			region, thousands(1200+rng.IntN(8000))),
		"下一步，市民政局将会同有关部门加强督导检查，及时公开办理进度，方便老年人及家属查询。",
	}
}

// seedApplications makes the rows that are always there: most of them handed
// in by the probing account, which stands for a community's agent.
func seedApplications(seed uint64, today time.Time) []Application {
	const rows = 420
	rng := random(seed, 2)
	owner := Accounts().ApplicantUser
	apps := make([]Application, 0, rows)
	day := today
	for i := range rows {
		if rng.IntN(3) == 0 {
			day = day.AddDate(0, 0, -1)
		}
		app := Application{
			No:   fmt.Sprintf("QL%s%06d", day.Format("20060102"), 84000-i),
			Type: pick(rng, subsidyTypes()), Name: personName(rng), Region: pick(rng, regions()),
			Date: day.Format(time.DateOnly), Status: seedStatus(rng),
		}
		if rng.IntN(5) < 3 {
			app.owner = owner
		}
		apps = append(apps, app)
	}
	return apps
}

func seedStatus(rng *rand.Rand) string {
	switch n := rng.IntN(20); {
	case n < 10:
		return statusPending
	case n < 14:
		return statusApproved
	case n < 16:
		return statusRejected
	}
	return statusPaid
}

func personName(rng *rand.Rand) string {
	family := strings.Split("王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 林 罗 梁 欧阳", " ")
	given := strings.Split("秀英 桂兰 玉珍 淑华 凤英 建国 德明 志强 国庆 永福 玉兰 桂英 秀兰 文斌 长顺 春生 桂芳 金凤 宝山 惠芳", " ")
	return pick(rng, family) + pick(rng, given)
}

func pick(rng *rand.Rand, from []string) string { return from[rng.IntN(len(from))] }

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
