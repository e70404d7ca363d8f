// Runs every browser test against a running service: BASE_URL=http://127.0.0.1:8080 node run.mjs [file …]
// CHROMIUM says where the browser is; RADRUM_TEST_PEOPLE who may sign in (see lib.mjs).

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const here = path.dirname(fileURLToPath(import.meta.url));
const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
if (!existsSync(chromium)) {
  console.error(`No browser at ${chromium}. Install it (Debian: apt-get install chromium) or set CHROMIUM.`);
  process.exit(2);
}
if (!existsSync(path.join(here, 'node_modules/playwright-core'))) {
  console.error('playwright-core is missing: run `npm ci` in tests/browser.');
  process.exit(2);
}
const chosen = process.argv.slice(2);
const files = readdirSync(here).filter((f) => f.endsWith('.test.mjs') && (chosen.length === 0 || chosen.some((c) => f.includes(c)))).sort();
const done = spawnSync(process.execPath, ['--test', '--test-concurrency=1', '--test-timeout=180000', '--test-force-exit', '--test-reporter=spec', ...files.map((f) => path.join(here, f))], { stdio: 'inherit' });
process.exit(done.status ?? 1);
