// The line protocol of the drivers that run on Node; see drive/drive.go.
import { createInterface } from 'node:readline';

export const account = 'probe.one', password = 'gängfu-bench-15';
export const [base, browser] = process.argv.slice(2);
export const flags = [
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run',
  '--no-default-browser-check', '--disable-quic', '--disable-gpu', ...(process.getuid() === 0 ? ['--no-sandbox'] : []),
];

export const serve = async (run, stop) => {
  const tell = o => process.stdout.write(JSON.stringify(o) + '\n');
  for await (const line of createInterface({ input: process.stdin })) {
    const { site, runs, concurrency } = JSON.parse(line);
    let left = runs;
    const worker = async () => {
      while (left-- > 0) {
        const t = performance.now();
        let error;
        try { await run(site); } catch (e) { error = String(e.message || e); }
        tell({ ms: performance.now() - t, error });
      }
    };
    await Promise.all(Array.from({ length: Math.max(1, concurrency) }, worker));
    tell({ done: true });
  }
  await stop();
};

export const wanted = { portal: '200', spa: '1000', sub: '30' };
