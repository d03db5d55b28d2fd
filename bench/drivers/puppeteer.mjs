// Puppeteer, the ordinary way: locators.
import puppeteer from 'puppeteer-core';
import { account, base, browser, flags, password, serve, wanted } from './serve.mjs';

const b = await puppeteer.launch({ executablePath: browser, args: flags, headless: 'shell' });

await serve(async site => {
  const context = await b.createBrowserContext();
  try {
    const page = await context.newPage();
    await page.goto(`${base}/${site}/`);
    if (site === 'portal' || site === 'spa') {
      await page.locator('a').click();
      await page.locator('[name=user]').fill(account);
      await page.locator('[name=password]').fill(password);
      await page.locator('button').click();
      await page.waitForFunction(() => document.querySelector('h1')?.textContent === '工作台');
    }
    if (site === 'big') {
      await page.locator('button').click();
      await page.locator('#done').filter(e => e.textContent === '完成').wait();
    } else {
      await page.waitForFunction(want => document.querySelector('#count')?.textContent.includes(want), {}, wanted[site]);
    }
    await page.evaluate(() => performance.getEntriesByType('navigation')[0].toJSON());
  } finally {
    await context.close();
  }
}, () => b.close());
