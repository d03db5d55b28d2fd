package scenarios

import (
	"embed"
	"io/fs"
)

//go:embed *.yaml sample-id.png
var shipped embed.FS

// Shipped are the scenarios for the demo platform that come with the product,
// with the sample file they upload. They double as examples for authors and
// are read with [LoadFS].
func Shipped() fs.FS { return shipped }

//go:embed examples
var examples embed.FS

// Examples are files that show the language at work on the demo platform: a
// session with everything around it, a log-in fragment, and checks without a
// browser beside a log-in that needs a person. They name a calendar and a route
// of an instance file, and are not scheduled by the demonstration.
func Examples() fs.FS {
	sub, _ := fs.Sub(examples, "examples") // the folder is part of the program
	return sub
}
