package notify_test

import (
	"fmt"
	"time"

	"gengfu"
	"gengfu/notify"
)

// A configuration becomes channels and routes; a notice becomes the deliveries
// that are stored with the incident.
func ExampleRouter_Deliveries() {
	channels, err := notify.Open([]notify.Config{
		{Name: "hook", Type: "webhook", URL: "https://hook.example/gengfu", Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
		{Name: "mail", Type: "mail", Lang: gengfu.English, Host: "mail.example.org", From: "Gengfu <gengfu@example.org>", To: []string{"duty@example.org"}},
	}, notify.Deps{Zone: time.UTC})
	if err != nil {
		fmt.Println(err)
		return
	}
	router, err := notify.NewRouter([]notify.Route{
		{Name: "major", Match: notify.Match{Grades: []gengfu.Grade{gengfu.GradeMajor}}, Endpoints: []string{"hook", "mail"}},
		{Name: notify.DefaultRoute, Endpoints: []string{"hook"}},
	}, channels)
	if err != nil {
		fmt.Println(err)
		return
	}
	now := time.Date(2026, 3, 6, 9, 30, 12, 0, time.UTC)
	deliveries, err := router.Deliveries(gengfu.Notice{
		Event: gengfu.Event{Incident: "INC-2026-0042", Seq: 1, At: now, Actor: gengfu.Machine, Kind: gengfu.EventOpened},
		Incident: gengfu.Incident{
			Number: "INC-2026-0042", Key: gengfu.ScenarioKey("home"), State: gengfu.IncidentOpen, Grade: gengfu.GradeMajor,
			Title: "Home page", Owner: "Web team", ImpactStart: now, Opened: now,
		},
	}, nil, now)
	for _, d := range deliveries {
		fmt.Println(d.Endpoint, d.Summary)
	}
	fmt.Println(err)
	// Output:
	// hook 【重大】故障：Home page，自 2026-03-06 09:30 起，负责人：Web team
	// mail/duty@example.org [MAJOR] Down: Home page, since 2026-03-06 09:30, owner: Web team
	// <nil>
}
