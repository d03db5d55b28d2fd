package scenarios_test

import (
	"fmt"

	"gengfu/scenarios"
)

func ExampleParse() {
	set, problems := scenarios.Parse("home.yaml", []byte(`
scenario: home
vars: {base: "https://platform.example"}
steps:
  - goto: ${base}/
    expect:
      - visible: {role: heading, name: 我的申请}
    budget: {warn: 2s}
---
scenario: login
steps:
  - clik: 登录
    timeout: 5
`))
	for _, s := range set.Scenarios {
		fmt.Println(s.ID, s.Schedule, s.Steps[0].Name, s.Steps[0].Expect[0])
	}
	fmt.Println(problems)
	// Output:
	// home every 5m0s goto / visible 我的申请
	// home.yaml:12:5: unknown verb "clik" (did you mean "click"?)
	// home.yaml:13:14: "5" needs a unit (such as 5s)
}
