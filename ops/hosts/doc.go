// Package hosts reads the resources of a machine and raises signals when one
// of them stays over its limit.
//
// [Sampler] reads, [Judge] decides without I/O, [Collector] does both on a
// beat and keeps the samples in the ledger.
package hosts
