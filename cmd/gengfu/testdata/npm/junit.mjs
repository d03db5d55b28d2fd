// Reads a JUnit report with a parser that is not ours: node junit.mjs FILE
// prints it as JSON.
import { readFileSync } from 'node:fs'
import { parse } from 'junit2json'

console.log(JSON.stringify(await parse(readFileSync(process.argv[2], 'utf8'))))
