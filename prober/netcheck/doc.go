// Package netcheck does the steps that need no browser: requests, certificates,
// names, connections, pings, web sockets and queries. A failure of the target is
// a value; what the policy refuses or the machine cannot do is told as ours.
package netcheck
