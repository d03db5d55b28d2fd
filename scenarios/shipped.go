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
