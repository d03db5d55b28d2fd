package web

import (
	"net/http"
	"time"

	"gengfu"
)

// hostsView shows the machines' resources over the last day.
type hostsView struct {
	Frame
	Hosts []hostRow
}

// hostRow is one machine: its latest reading and the day before it.
type hostRow struct {
	gengfu.HostSample
	Stale  bool // no reading for a while
	CPUs   []float64
	Memory []float64
}

// stale is how old the latest reading may be before it is doubted.
const stale = 5 * time.Minute

// sparks is the number of points of a small chart.
const sparks = 96

func (s *Server) hosts(w http.ResponseWriter, r *http.Request) error {
	latest, err := s.cfg.Hosts.LatestHosts(r.Context())
	if err != nil {
		return err
	}
	lang, _ := s.language(r)
	v := hostsView{Frame: s.frame(w, r, "hosts", say(lang, "nav.hosts"), "host")}
	now := s.cfg.Now()
	for _, sample := range latest {
		day, err := s.cfg.Hosts.HostSamples(r.Context(), sample.Host, now.Add(-24*time.Hour))
		if err != nil {
			return err
		}
		row := hostRow{HostSample: sample, Stale: now.Sub(sample.At) > stale}
		row.CPUs = thin(day, sparks, func(h gengfu.HostSample) float64 { return h.CPU })
		row.Memory = thin(day, sparks, gengfu.HostSample.MemUsed)
		v.Hosts = append(v.Hosts, row)
	}
	return s.render(w, http.StatusOK, v.Lang, "hosts", v)
}

// thin keeps at most n values, each the largest of its stretch: a peak must
// stay visible.
func thin(samples []gengfu.HostSample, n int, value func(gengfu.HostSample) float64) []float64 {
	stretch := max((len(samples)+n-1)/n, 1)
	var out []float64
	for i, h := range samples {
		if i%stretch == 0 {
			out = append(out, value(h))
			continue
		}
		out[len(out)-1] = max(out[len(out)-1], value(h))
	}
	return out
}
