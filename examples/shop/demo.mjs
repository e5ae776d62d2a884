// script/demo: the shop in the foreground, or (--check) its stories in a real browser.
import fs from 'node:fs';
import path from 'node:path';
import { root } from './lib/prepare.mjs';
import { openShop } from './lib/shop.mjs';
import { stopAll } from './lib/processes.mjs';

const work = path.join(root, 'build/demo');

async function foreground() {
  const ports = { collect: 8080, api: 8081, shop: 9292 };
  fs.rmSync(path.join(work, 'data'), { recursive: true, force: true });
  const place = await openShop(work, { ports });
  console.log(`
  The shop      ${place.shop}
                Open a product, then another: the strip below it changes with every click,
                without a reload. A second browser profile is a second visitor with a list of its own.

  The operator  ${place.api}
                The running scenario: events and errors per node, last records. Metrics: ${place.api}/metrics

  Try           curl -X POST -H 'Content-Type: application/json' ${place.api}/api/models/slirec_shopify_model/1/stop
                ... and the strip shows what is popular (start instead of stop brings the model back).

  Logs          ${path.relative(process.cwd(), work)}/headrace.log, shop.log
  Ctrl-C ends it.
`);
  await new Promise((resolve) => { process.once('SIGINT', resolve); process.once('SIGTERM', resolve); });
  console.log('stopping');
}

try {
  if (process.argv.includes('--check')) {
    const { check } = await import('./check.mjs');
    process.exitCode = (await check()) ? 0 : 1;
  } else {
    await foreground();
  }
} catch (error) {
  console.error(`demo: ${error.message}`);
  process.exitCode = 1;
} finally {
  await stopAll();
}
