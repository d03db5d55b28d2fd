// Playwright, the ordinary way: locators, auto-wait, fill.
import { chromium } from 'playwright-core';
import { account, base, browser, flags, password, serve, wanted } from './serve.mjs';

const b = await chromium.launch({ executablePath: browser, args: flags });

await serve(async site => {
  const context = await b.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${base}/${site}/`);
    if (site === 'portal' || site === 'spa') {
      await page.getByRole('link', { name: '登录' }).click();
      await page.getByLabel('账号').fill(account);
      await page.getByLabel('密码').fill(password);
      await page.getByRole('button', { name: '提交' }).click();
      await page.getByRole('heading', { name: '工作台' }).waitFor();
    }
    if (site === 'big') {
      await page.getByRole('button', { name: '继续' }).click();
      await page.getByText('完成').waitFor();
    } else {
      await page.getByText(`共 ${wanted[site]} 条`).waitFor();
    }
    await page.evaluate(() => performance.getEntriesByType('navigation')[0].toJSON());
  } finally {
    await context.close();
  }
}, () => b.close());
