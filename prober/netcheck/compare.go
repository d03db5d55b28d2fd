package netcheck

import (
	"errors"
	"strconv"
	"strings"

	"gengfu"
	"gengfu/scenarios"
)

// compare does a check step.
func (r *runner) compare(c *scenarios.Comparison) error {
	left, err := resolve(c.Left.Resolve, &r.env)
	if err != nil {
		return err
	}
	right, err := resolve(c.Right.Resolve, &r.env)
	if err != nil {
		return err
	}
	ok, err := holds(left.Text, c.Op, right.Text)
	if err != nil {
		return wrong("%s: %v", c.Source, err)
	}
	if ok {
		return nil
	}
	seen := left.Text
	if left.Secret {
		seen = gengfu.Masked
	}
	return &stopError{gengfu.Failure{Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonCheck, Want: c.Source, Seen: seen}}
}

// holds compares as numbers where both are, for == and != as texts too.
func holds(left, op, right string) (bool, error) {
	a, errA := strconv.ParseFloat(strings.TrimSpace(left), 64)
	b, errB := strconv.ParseFloat(strings.TrimSpace(right), 64)
	numbers := errA == nil && errB == nil
	switch op {
	case "==":
		return left == right || numbers && a == b, nil
	case "!=":
		return left != right && (!numbers || a != b), nil
	case "contains":
		return strings.Contains(left, right), nil
	case "<", "<=", ">", ">=":
	default:
		return false, errors.New("unknown operator " + op)
	}
	if !numbers {
		return false, errors.New(op + " compares numbers")
	}
	return map[string]bool{"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op], nil
}
