// Plays the cases of interactions.json through Playwright, in both browsers, and
// prints where it comes out otherwise than the case says. The tests of
// prober/chrome hold Gengfu to every case, so these are the differences to it.
import { createServer } from 'node:http';
import { readFileSync, createReadStream, existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const testdata = new URL('../prober/chrome/testdata/', import.meta.url);
const cases = JSON.parse(readFileSync(new URL('interactions.json', testdata), 'utf8'));

const server = createServer((q, a) => {
  const url = new URL(q.url, 'http://host');
  if (url.pathname.startsWith('/npm/')) {
    const file = new URL('npm/node_modules/' + url.pathname.slice(5), testdata);
    if (!existsSync(file)) { a.writeHead(404).end(); return; }
    a.setHeader('Content-Type', file.pathname.endsWith('.css') ? 'text/css' : 'text/javascript');
    createReadStream(file).pipe(a);
    return;
  }
  a.setHeader('Content-Type', 'text/html; charset=utf-8');
  if (url.pathname === '/case') {
    const c = cases[url.searchParams.get('n')];
    if (c.csp) a.setHeader('Content-Security-Policy', c.csp);
    a.end('<!doctype html><meta charset=utf-8><body>' + c.body);
  } else if (url.pathname === '/slow') {
    setTimeout(() => a.end('<h1>slow</h1>'), 800);
  } else {
    a.end('<h1>two</h1>');
  }
});
await new Promise(done => server.listen(0, '127.0.0.1', done));
const base = `http://127.0.0.1:${server.address().port}`;

const act = async (page, a) => {
  const root = a.frame ? page.frameLocator(a.frame) : page;
  if (a.click) await root.locator(a.click).click();
  else if (a.clickText) await root.getByText(a.clickText).click();
  else if (a.fill) await root.locator(a.fill).fill(a.v);
  else if (a.select) await root.locator(a.select).selectOption({ label: a.v });
  else if (a.hover) await root.locator(a.hover).hover();
  else if (a.press) await page.keyboard.press(a.press);
  if (a.then) await act(page, a.then);
};

const play = async (browser, n) => {
  const c = cases[n], context = await browser.newContext({ locale: 'zh-CN' });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(c.fails ? 1000 : 5000);
    await page.goto(`${base}/case?n=${n}`, { waitUntil: 'commit' });
    const failed = await act(page, c.act).then(() => '', e => String(e.message).split('\n')[0]);
    const until = Date.now() + c.wait + 1000;
    let holds = false;
    while (!holds && Date.now() < until) {
      holds = await page.evaluate(c.check).catch(() => false) === true;
      if (!holds) await new Promise(done => setTimeout(done, 20));
    }
    if (!!failed !== c.fails) return failed ? `fails: ${failed}` : 'does not fail';
    return holds ? '' : `the page does not say ${c.check}`;
  } finally {
    await context.close();
  }
};

for (const name of ['chromium-headless-shell', 'chromium']) {
  const browser = await chromium.launch({
    executablePath: `/usr/lib/chromium/${name}`, args: name === 'chromium' ? ['--headless=new', '--no-sandbox'] : ['--no-sandbox'],
  });
  let same = 0;
  for (const n of cases.keys()) {
    const other = await play(browser, n).catch(e => `fails: ${String(e.message).split('\n')[0]}`);
    if (other) console.log(`${name}: ${cases[n].name}: ${other}`); else same++;
  }
  console.log(`${name}: ${same} of ${cases.length} as the case says`);
  await browser.close();
}
server.close();
