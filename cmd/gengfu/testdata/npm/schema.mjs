// Holds YAML files against a JSON Schema with a validator that is not ours:
// node schema.mjs SCHEMA FILE... prints one line a document, ok or the errors.
import { readFileSync } from 'node:fs'
import Ajv from 'ajv'
import { parseAllDocuments } from 'yaml'

const [schema, ...files] = process.argv.slice(2)
const ajv = new Ajv({ allErrors: true })
const valid = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')))
for (const file of files) {
  for (const doc of parseAllDocuments(readFileSync(file, 'utf8'), { version: '1.2' })) {
    const words = doc.errors.length ? doc.errors[0].code : valid(doc.toJS()) ? 'ok' : ajv.errorsText(valid.errors)
    console.log(file + '\t' + words.replaceAll('\n', ' '))
  }
}
