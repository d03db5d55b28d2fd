package scenarios

import "testing"

func TestCompare_takesValuesForWhatTheyAre(t *testing.T) {
	for _, row := range []struct {
		left, op, right string
		want            bool
	}{
		{"9", "<", "10", true},
		{"1,234", ">", "999", true},
		{"1.0", "==", "1", true},
		{"900 ms", "<", "1 s", true},
		{"3分钟", "==", "180秒", true},
		{"1.5 GB", ">=", "1500 MB", true},
		{"99.9%", ">", "95%", true},
		{"￥1,200.50", ">", "¥1200", true},
		{"2万元", ">", "19999元", true},
		{"2026-11-23", "<", "2026年12月1日", true},
		{"2026/11/23 08:30", ">=", "2026-11-23 08:05", true},
		{"08:30", "<", "17:00", true},
		{"abc", "==", "abc", true},
		{"abc", "!=", "abd", true},
		{"订单 2026-0042", "matches", `\d{4}-\d{4}$`, true},
		{"订单", "matches", `^\d+$`, false},
		{"5 s", "!=", "5 MB", true},
		{" 已办结 ", "==", "已办结", true},
		{"007", "==", "7", true},
	} {
		if got, err := holds(row.left, row.op, row.right); err != nil || got != row.want {
			t.Errorf("%q %s %q: %v, %v", row.left, row.op, row.right, got, err)
		}
	}
	for _, row := range [][3]string{{"abc", "<", "abd"}, {"5 s", "<", "5 MB"}, {"a", "matches", "("}} {
		if _, err := holds(row[0], row[1], row[2]); err == nil {
			t.Errorf("%v can be compared", row)
		}
	}
}
