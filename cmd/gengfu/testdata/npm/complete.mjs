// Asks yaml-language-server what it would offer an author, as an editor does:
// node complete.mjs FOLDER < requests. A request is a JSON line with uri, text,
// line and character; the answer is a JSON line with the labels.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const server = fileURLToPath(new URL('node_modules/yaml-language-server/bin/yaml-language-server', import.meta.url))
const child = spawn(process.execPath, [server, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] })
const waiting = new Map()
let next = 1, buffer = Buffer.alloc(0)

function send(message) {
  const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }))
  child.stdin.write(`Content-Length: ${body.length}\r\n\r\n`)
  child.stdin.write(body)
}
function ask(method, params) {
  return new Promise((resolve, reject) => {
    waiting.set(next, { resolve, reject })
    send({ id: next++, method, params })
  })
}
const settings = { yaml: { completion: true, hover: true, validate: true, schemaStore: { enable: false } } }
function receive(message) {
  if (message.method && message.id !== undefined) {
    const result = message.method === 'workspace/configuration' ? message.params.items.map(i => settings[i.section] ?? {}) : null
    send({ id: message.id, result })
  } else if (waiting.has(message.id)) {
    const { resolve, reject } = waiting.get(message.id)
    waiting.delete(message.id)
    message.error ? reject(new Error(message.error.message)) : resolve(message.result)
  }
}
child.stdout.on('data', chunk => {
  buffer = Buffer.concat([buffer, chunk])
  for (;;) {
    const end = buffer.indexOf('\r\n\r\n')
    if (end < 0) return
    const length = Number(/Content-Length: (\d+)/i.exec(buffer.subarray(0, end).toString())[1])
    if (buffer.length < end + 4 + length) return
    const body = buffer.subarray(end + 4, end + 4 + length).toString()
    buffer = buffer.subarray(end + 4 + length)
    receive(JSON.parse(body))
  }
})

await ask('initialize', { processId: process.pid, rootUri: 'file://' + process.argv[2], capabilities: { workspace: { configuration: true } }, workspaceFolders: null })
send({ method: 'initialized', params: {} })
send({ method: 'workspace/didChangeConfiguration', params: { settings } })
for await (const line of createInterface({ input: process.stdin })) {
  const { uri, text, line: row, character } = JSON.parse(line)
  send({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'yaml', version: 1, text } } })
  const answer = await ask('textDocument/completion', { textDocument: { uri }, position: { line: row, character } })
  const items = answer?.items ?? answer ?? []
  console.log(JSON.stringify(items.map(i => ({ label: i.label, doc: i.documentation?.value ?? i.documentation ?? '' }))))
}
await ask('shutdown', null)
send({ method: 'exit' })
