package gengfu

// Overtaken are messages of an incident that wait and would tell what is not
// true any more: somebody took it, it is over, or the reader heard of it in
// another way.
type Overtaken struct {
	Incident  string      // number
	Seq       int         // of the event that they tell of, 0 for any
	Endpoints []string    // empty for all
	Kinds     []EventKind // empty for all
	Tried     bool        // only those that an endpoint did not take at a try
	By        string      // what overtook them, for the page of deliveries
}
