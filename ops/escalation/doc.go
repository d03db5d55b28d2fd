// Package escalation says who is told of an incident, when, and how often,
// until somebody takes it and puts it right. What is to come is kept with the
// incident, so that everything here is a function of the incident and the time;
// the timers of the ledger only say when to look.
package escalation
