package main

import (
	"context"
	"fmt"

	"gengfu"
	"gengfu/prober"
	"gengfu/prober/chrome"
	"gengfu/prober/netcheck"
	"gengfu/prober/vault"
	"gengfu/scenarios"
)

// checker does the steps without a browser. It reaches targets under the same
// policy as pages do.
func (in *instance) checker(v *vault.Vault) *netcheck.Checker {
	return netcheck.New(netcheck.Config{
		Vault: v, Breaker: in.chrome.Breaker,
		Policy: in.policy(), Resolver: in.egress.Resolver, Upstream: in.egress.Upstream, Secret: in.secrets.Lookup,
	})
}

// executor runs scenarios that need no browser without one.
func executor(pool *chrome.Pool, checks *netcheck.Checker) prober.Browser {
	return func(ctx context.Context, s *scenarios.Scenario, slot gengfu.Slot, watch func(gengfu.StepResult)) gengfu.Run {
		if s.Browserless() {
			return checks.Run(ctx, s, slot, watch)
		}
		return pool.Run(ctx, s, slot, watch)
	}
}

// measured prints what a step without a browser measured.
func (p *progress) measured(st gengfu.StepResult) {
	if st.Check == nil {
		return
	}
	if line := st.Check.Line(p.lang); line != "" {
		fmt.Fprintf(p.w, "               %s\n", line)
	}
}
