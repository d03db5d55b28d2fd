// Package scenarios is the language in which people say what to do on a page
// and what must be true of it: the model of a checked scenario, the tables of
// verbs, locators and expectations, the reader that turns YAML into the model
// with a place and a remedy for every mistake, and the JSON Schema for editors.
//
// The tables are the language: reading, checking and the schema all come from
// them. Nothing here opens a browser or knows when a scenario is due.
package scenarios
