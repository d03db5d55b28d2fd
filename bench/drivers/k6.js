// k6 browser. k6 starts and stops its browser for each iteration, so this is
// one endless iteration that asks the controller for work: the kindest case.
import { browser } from 'k6/browser';
import http from 'k6/http';

export const options = {
  scenarios: { bench: { executor: 'shared-iterations', vus: 1, iterations: 1, maxDuration: '2h', options: { browser: { type: 'chromium' } } } },
};
const base = __ENV.BASE, orders = __ENV.ORDERS;
const wanted = { portal: '200', spa: '1000', sub: '30' };

async function journey(site) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${base}/${site}/`);
    if (site === 'portal' || site === 'spa') {
      if (site === 'portal') await Promise.all([page.waitForNavigation(), page.locator('a').click()]);
      else await page.locator('a').click();
      await page.locator('[name=user]').fill('probe.one');
      await page.locator('[name=password]').fill('gängfu-bench-15');
      await page.locator('button').click();
      await page.waitForFunction(() => document.querySelector('h1')?.textContent === '工作台', { polling: 'mutation' });
    }
    if (site === 'big') {
      await page.locator('button').click();
      await page.waitForFunction(() => document.querySelector('#done')?.textContent === '完成', { polling: 'mutation' });
    } else {
      await page.waitForFunction(w => document.querySelector('#count')?.textContent.includes(w), { polling: 'mutation' }, wanted[site]);
    }
    await page.evaluate(() => performance.getEntriesByType('navigation')[0].toJSON());
  } finally {
    await context.close();
  }
}

export default async function () {
  for (;;) {
    const order = http.get(`${orders}/next`, { timeout: '120s' }).json();
    if (order.stop) return;
    if (!order.site) continue;
    const t = Date.now();
    let error;
    try { await journey(order.site); } catch (e) { error = String(e); }
    http.post(`${orders}/result`, JSON.stringify({ ms: Date.now() - t, error }));
  }
}
