package gengfu

import "time"

// Suspension says that no log-in is tried for an identity, because they were
// rejected again and again. An identity is the name of a session, or the id of
// a scenario that keeps none.
type Suspension struct {
	Identity string
	Count    int       // rejections in a row
	Since    time.Time // the first of them
	Until    time.Time // one log-in is tried then
}
