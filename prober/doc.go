// Package prober decides when scenarios run, runs them, and judges what came
// of it.
//
// A [Plan] says when a scenario is due; the timer issues each due time as a
// slot; the dispatcher gives slots to as many browsers at once as there are
// cores; the result is recorded, and [Judge] makes a check state and signals of
// it. [Again] asks for the re-run that confirms a failure or a recovery, so
// that nobody is told of a single bad run. [Prober] ties these together and
// accounts for every planned time, also for those that passed while no prober
// was running.
package prober
