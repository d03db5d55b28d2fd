package netcheck

import "gengfu/scenarios"

// compare does a check step.
func (r *runner) compare(list []scenarios.Comparison) error {
	f, err := scenarios.Compare(list, func(t scenarios.Text) (scenarios.Value, error) { return resolve(t.Resolve, &r.env) })
	if err != nil || f == nil {
		return err
	}
	return &stopError{*f}
}
