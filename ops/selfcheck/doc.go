// Package selfcheck is how the prober looks at itself: whether the machine it
// runs on is fit to say anything about others.
package selfcheck
