// Reads an HTTP archive from standard input and says what is wrong with it.
import { readFileSync } from 'node:fs';
import { har } from 'har-validator';

try {
  const data = await har(JSON.parse(readFileSync(0, 'utf8')));
  console.log(data.log.entries.length);
} catch (e) {
  console.error(JSON.stringify(e.errors ?? String(e), null, 1));
  process.exit(1);
}
