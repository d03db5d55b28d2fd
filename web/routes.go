package web

import (
	"net/http"
)

// permission is what a visitor must be allowed to do. Until there are accounts
// everybody who reaches the loopback address has both.
type permission string

const (
	view    permission = "view"
	operate permission = "operate"
)

// reply is how a route answers, which decides how its errors look.
type reply int

const (
	asPage reply = iota
	asJSON
	asPlain
)

// route is one line of the site's plan.
type route struct {
	pattern string
	need    permission
	reply   reply
	serve   func(w http.ResponseWriter, r *http.Request) error
}

// plan lists everything the site answers to.
func (s *Server) plan() []route {
	return []route{
		{"GET /{$}", view, asPage, s.overview},
		{"GET /scenarios/{id}", view, asPage, s.scenario},
		{"POST /scenarios/{id}/run", operate, asPage, s.runNow},
		{"GET /runs/{id}", view, asPage, s.run},
		{"GET /incidents", view, asPage, s.incidents},
		{"GET /incidents/new", operate, asPage, s.intake},
		{"POST /incidents", operate, asPage, s.takeForm},
		{"GET /incidents/{number}", view, asPage, s.incident},
		{"POST /incidents/{number}/{act}", operate, asPage, s.act},
		{"GET /ack/{token}", view, asPage, s.askAck},
		{"POST /ack/{token}", operate, asPage, s.takeAck},
		{"GET /attend/{token}", view, asPage, s.attend},
		{"GET /attend/{token}/picture", view, asPlain, s.attendPicture},
		{"GET /deliveries", view, asPage, s.deliveries},
		{"POST /deliveries/{id}/replay", operate, asPage, s.replay},
		{"POST /deliveries/{id}/drop", operate, asPage, s.drop},
		{"GET /silences", view, asPage, s.silences},
		{"POST /silences", operate, asPage, s.addSilence},
		{"POST /silences/{id}/end", operate, asPage, s.endSilence},
		{"POST /heightened", operate, asPage, s.heighten},
		{"POST /heightened/off", operate, asPage, s.unheighten},
		{"GET /hosts", view, asPage, s.hosts},
		{"POST /accounts/{id}/resume", operate, asPage, s.resume},
		{"GET /evidence/{kind}/{hash}", view, asPlain, s.evidence},
		{"GET /static/{name}", view, asPlain, s.asset},
		{"GET /events", view, asPlain, s.events},

		{"GET /api/v1", view, asJSON, s.apiIndex},
		{"GET /api/v1/overview", view, asJSON, s.apiOverview},
		{"GET /api/v1/scenarios", view, asJSON, s.apiScenarios},
		{"GET /api/v1/scenarios/{id}/runs", view, asJSON, s.apiRuns},
		{"POST /api/v1/scenarios/{id}/run", operate, asJSON, s.apiRunNow},
		{"GET /api/v1/runs/{id}", view, asJSON, s.apiRun},
		{"GET /api/v1/incidents", view, asJSON, s.apiIncidents},
		{"POST /api/v1/incidents", operate, asJSON, s.apiTake},
		{"GET /api/v1/incidents/{number}", view, asJSON, s.apiIncident},
		{"POST /api/v1/incidents/{number}/{act}", operate, asJSON, s.apiAct},
		{"GET /api/v1/deliveries", view, asJSON, s.apiDeliveries},
		{"POST /api/v1/deliveries/{id}/drop", operate, asJSON, s.apiDrop},
		{"GET /api/v1/silences", view, asJSON, s.apiSilences},
		{"POST /api/v1/silences", operate, asJSON, s.apiAddSilence},
		{"POST /api/v1/silences/preview", view, asJSON, s.apiPreviewSilence},
		{"POST /api/v1/silences/{id}/end", operate, asJSON, s.apiEndSilence},
		{"GET /api/v1/heightened", view, asJSON, s.apiHeightened},
		{"POST /api/v1/heightened", operate, asJSON, s.apiHeighten},
		{"POST /api/v1/heightened/off", operate, asJSON, s.apiUnheighten},
		{"GET /api/v1/accounts/suspended", view, asJSON, s.apiSuspended},
		{"POST /api/v1/accounts/{id}/resume", operate, asJSON, s.apiResume},
		{"POST /api/v1/deliveries/{id}/replay", operate, asJSON, s.apiReplay},
		{"GET /api/v1/", view, asJSON, s.missing},

		{"GET /metrics", view, asPlain, s.metrics},
		{"GET /healthz", view, asPlain, s.healthz},
		{"GET /readyz", view, asPlain, s.readyz},
		{"GET /", view, asPage, s.missing},
	}
}

// routes makes the handler: guards outside, then the route, then its error.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range s.plan() {
		mux.Handle(rt.pattern, s.answer(rt))
	}
	return s.guard(mux)
}

// answer turns a route's error into what its caller understands.
func (s *Server) answer(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := rt.serve(w, r)
		if err == nil {
			return
		}
		code, name, message := s.explain(r, err)
		switch rt.reply {
		case asJSON:
			writeJSON(w, code, apiError{Error: apiFault{Code: name, Message: message}})
		case asPage:
			s.errorPage(w, r, code, message)
		default:
			http.Error(w, message, code)
		}
	})
}
