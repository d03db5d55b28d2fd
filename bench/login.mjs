// Warm applicant login: Gengfu's daemon and Playwright do the same journey on
// the same browser build, one run each in turn. Usage: node login.mjs [rounds]
//
// Gengfu is the product itself: the run is ordered over its API, executed from
// its YAML, judged and stored; the clock stops when the stored run can be read.
// Playwright is used its ordinary way: locators, auto-wait, a new context.
import { spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { mkdtempSync, mkdirSync, writeFileSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const rounds = Number(process.argv[2] || 30);
const browser = process.env.BROWSER_PATH || '/usr/lib/chromium/chromium-headless-shell';
const binary = new URL('../gengfu', import.meta.url).pathname;
const port = 18900, site = `http://127.0.0.1:${port + 1}`, pages = `http://127.0.0.1:${port}`;
const dir = mkdtempSync(join(tmpdir(), 'gengfu-bench-'));
const children = [];

const start = (args, env = {}) => {
  const p = spawn(binary, args, { cwd: dir, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'] });
  children.push(p);
  return p;
};
const pause = ms => new Promise(r => setTimeout(r, ms));
const until = async (what, test) => {
  for (let i = 0; i < 200; i++) { try { if (await test()) return; } catch { /* not yet */ } await pause(50); }
  throw new Error(`${what} did not come up`);
};

// The demonstration writes its secrets when it starts with a prober; here they
// come from the same place the shipped scenarios name.
const password = readFileSync(new URL('../demo/accounts.go', import.meta.url), 'utf8').match(/ApplicantPassword:\s*"([^"]+)"/)[1];

mkdirSync(join(dir, 'scenarios'));
writeFileSync(join(dir, 'gengfu.yaml'), `listen: 127.0.0.1:${port}\ndata: data\nscenarios: [scenarios]\nhosts: {local: off}\nbrowser: {path: ${browser}}\n`);
writeFileSync(join(dir, 'scenarios/login.yaml'), `scenario: login
title: login
steps:
  - goto: ${site}/login
  - fill:
      - {field: {placeholder: 账号}, value: probe_applicant}
      - {field: {placeholder: 密码}, value: "\${secret.applicant_password}"}
  - click: {role: button, name: 登录}
    expect:
      - url: /home
      - visible: {role: heading, name: 我的申请}
schedule: {cron: "0 0 1 1 *"}
`);

const agent = new Agent({ keepAlive: true });
const call = (method, path, body) => new Promise((done, fail) => {
  const q = request(pages + path, { method, agent, headers: body ? { 'content-type': 'application/json' } : {} }, r => {
    let text = '';
    r.setEncoding('utf8').on('data', s => { text += s; }).on('end', () => done({ status: r.statusCode, body: JSON.parse(text) }));
  });
  q.on('error', fail).end(body);
});

const gengfu = async () => {
  const t = performance.now();
  const { body: { run } } = await call('POST', '/api/v1/scenarios/login/run', '{}');
  for (;;) {
    await pause(1);
    const { status, body } = await call('GET', `/api/v1/runs/${encodeURIComponent(run)}`);
    if (status !== 200) continue;
    if (body.outcome !== 'passed') throw new Error(`gengfu: ${JSON.stringify(body).slice(0, 400)}`);
    return performance.now() - t;
  }
};

const playwright = peer => async () => {
  const t = performance.now();
  const context = await peer.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(`${site}/login`, { waitUntil: 'domcontentloaded' });
  await page.getByPlaceholder('账号').fill('probe_applicant');
  await page.getByPlaceholder('密码').fill(password);
  await page.getByRole('button', { name: /^登\s*录$/ }).click();
  await page.waitForURL('**/home', { waitUntil: 'commit' });
  await page.getByRole('heading', { name: '我的申请' }).waitFor();
  const wall = performance.now() - t;
  await context.close();
  return wall;
};

// cpu is the time, in ms, that a process and its descendants have used; those
// that ended count with their parents.
const cpu = root => {
  const all = new Map();
  for (const pid of readdirSync('/proc').filter(n => /^\d+$/.test(n))) {
    try {
      const f = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
      all.set(+pid, { parent: +f[1], used: f.slice(11, 15).reduce((a, b) => a + +b, 0) * 10 });
    } catch { /* it ended */ }
  }
  const inTree = pid => pid === root || (all.has(pid) && all.get(pid).parent > 1 && inTree(all.get(pid).parent));
  let sum = 0;
  for (const [pid, p] of all) if (inTree(pid)) sum += p.used;
  return sum;
};

const median = a => [...a].sort((x, y) => x - y)[a.length >> 1];
const p95 = a => [...a].sort((x, y) => x - y)[Math.min(a.length - 1, Math.floor(a.length * 0.95))];

try {
  start(['demo', '--no-prober', '--port', String(port)]);
  await until('platform', async () => (await fetch(`${site}/login`)).ok);
  const daemon = start(['serve'], { GENGFU_SECRET_APPLICANT_PASSWORD: password });
  await until('daemon', async () => (await fetch(`${pages}/healthz`)).ok);
  const peer = await chromium.launch({
    executablePath: browser,
    args: [...(process.getuid() === 0 ? ['--no-sandbox'] : []), '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
  });
  const contenders = [
    { name: 'gengfu', run: gengfu, root: daemon.pid, wall: [], cpu: [] },
    { name: 'playwright', run: playwright(peer), root: process.pid, wall: [], cpu: [] },
  ];
  for (let i = -3; i < rounds; i++) {
    const order = i % 2 ? contenders : [...contenders].reverse();
    for (const c of order) {
      const others = c.root === process.pid ? cpu(daemon.pid) + children.filter(p => p !== daemon).reduce((s, p) => s + cpu(p.pid), 0) : 0;
      const before = cpu(c.root) - others;
      const wall = await c.run();
      await pause(150); // tear-down is charged to its run
      const othersAfter = c.root === process.pid ? cpu(daemon.pid) + children.filter(p => p !== daemon).reduce((s, p) => s + cpu(p.pid), 0) : 0;
      if (i < 0) continue; // warming up
      c.wall.push(wall);
      c.cpu.push(cpu(c.root) - othersAfter - before);
    }
  }
  await peer.close();
  const [a, b] = contenders;
  console.log(`${rounds} rounds in turn, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}, ${browser.split('/').pop()}`);
  console.log('contender     wall p50    p95    min   CPU p50 (ms, process tree)');
  for (const c of contenders) {
    console.log(`${c.name.padEnd(12)} ${median(c.wall).toFixed(0).padStart(9)} ${p95(c.wall).toFixed(0).padStart(6)} ${Math.min(...c.wall).toFixed(0).padStart(6)} ${median(c.cpu).toFixed(0).padStart(9)}`);
  }
  console.log(`gengfu / playwright, median of the ratios within a round: wall ${median(a.wall.map((w, i) => w / b.wall[i])).toFixed(2)}, CPU ${median(a.cpu.map((w, i) => w / b.cpu[i])).toFixed(2)}`);
} finally {
  for (const p of children) p.kill('SIGTERM');
  await Promise.all(children.map(p => new Promise(r => (p.exitCode === null ? p.on('exit', r) : r()))));
  rmSync(dir, { recursive: true, force: true });
}
