// Plays a recording with a player that is not ours:
// node replay.mjs BROWSER FILE prints where it ended and what the page says.
import { readFileSync } from 'node:fs'
import puppeteer from 'puppeteer-core'
import { createRunner, parse, PuppeteerRunnerExtension } from '@puppeteer/replay'

const [executablePath, file] = process.argv.slice(2)
const args = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic', '--lang=zh-CN']
if (process.getuid() === 0) args.push('--no-sandbox')
const browser = await puppeteer.launch({ executablePath, headless: 'shell', args })
try {
  const page = await browser.newPage()
  const flow = parse(JSON.parse(readFileSync(file, 'utf8')))
  let at = 0
  class Told extends PuppeteerRunnerExtension {
    async runStep(step, flow) {
      at++
      await super.runStep(step, flow)
    }
  }
  try {
    await (await createRunner(flow, new Told(browser, page))).run()
    console.log('done ' + new URL(page.url()).pathname)
  } catch (err) {
    console.log('step ' + at + ' ' + JSON.stringify(flow.steps[at - 1]) + ': ' + err)
  }
  console.log(await page.evaluate(() => document.body.innerText.replace(/\s+/g, ' ')))
} finally {
  await browser.close()
}
