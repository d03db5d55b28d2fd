// Package incidents turns signals and what people do into incidents and their
// events.
//
// Both reducers, [Apply] for signals and [Act] for people, are pure: they get
// what the ledger knows and return what is to be written, and the ledger may
// call them again when a transaction is repeated. [Desk] calls them inside a
// transaction and has the notices of a change rendered into the same one.
package incidents
