// Package triage looks around when a run has failed: does our own network
// work, and does the target's entry answer at all? It needs no browser and at
// most a few seconds, and what it finds is shared by the runs of a target.
package triage
