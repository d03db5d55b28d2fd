package chrome

import "gengfu/scenarios"

// compare does a check step.
func (r *runner) compare(list []scenarios.Comparison) error {
	f, err := scenarios.Compare(list, r.resolve)
	if err != nil || f == nil {
		return err
	}
	return &stop{*f}
}
