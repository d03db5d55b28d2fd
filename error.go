package gengfu

import "errors"

// Kinds of errors that callers branch on; packages wrap them.
var (
	// ErrNotFound: there is no such thing in the ledger.
	ErrNotFound = errors.New("not found")
	// ErrDuplicate: the ledger has already accepted a result for this slot.
	ErrDuplicate = errors.New("already recorded")
	// ErrConflict: the thing is not in a state that allows the change.
	ErrConflict = errors.New("not possible in this state")
	// ErrInvalid: the request itself is wrong.
	ErrInvalid = errors.New("invalid")
)
