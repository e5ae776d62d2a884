// Makes what the demo needs in its work folder: catalogue, packed theme extension, model, configuration.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { run } from './processes.mjs';

export const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../../..');
export const shopFolder = path.join(root, 'examples/shop');
export const standinFolder = path.join(shopFolder, 'standin');
export const inventory = path.join(root, 'tests/data/model/inventory.json');

/* Products as Headrace's catalogue wants them, with the prices the stand-in shows. */
function writeCatalogue(work) {
  const require = createRequire(path.join(standinFolder, 'server.cjs'));
  const { Store } = require('./lib/store.cjs');
  const store = new Store({ catalogue: inventory, currency: 'PLN', adminToken: 'none', scopes: [] });
  const products = store.products.map((product) => ({
    id: product.id,
    handle: product.handle,
    title: product.title,
    url: `/products/${product.handle}`,
    image: `/images/${product.handle}.svg`,
    price: `${(product.cents / 100).toFixed(2)} PLN`,
    available: product.inventory > 0,
  }));
  fs.writeFileSync(path.join(work, 'catalogue.json'), JSON.stringify(products, null, 1));
}

/* The extension with the tracker's published build beside it, and its blocks switched on. */
function packExtension(work, collector, appId) {
  const extension = path.join(work, 'extension');
  fs.rmSync(extension, { recursive: true, force: true });
  fs.cpSync(path.join(root, 'storefront/extension'), extension, { recursive: true });
  fs.copyFileSync(path.join(shopFolder, 'node_modules/@snowplow/browser-tracker/dist/index.umd.min.js'), path.join(extension, 'assets/snowplow.js'));
  const settings = {
    blocks: {
      recommendations: { enabled: true, settings: { collector, namespace: 'demo', limit: 6 } },
      tracker: { enabled: true, settings: { collector, app_id: appId } },
    },
  };
  fs.writeFileSync(path.join(work, 'settings.json'), JSON.stringify(settings));
}

export function prepare(work, headrace, { collector, appId }) {
  fs.mkdirSync(work, { recursive: true });
  writeCatalogue(work);
  packExtension(work, collector, appId);
  const model = path.join(work, 'model');
  fs.rmSync(model, { recursive: true, force: true });
  run(headrace, ['model', 'import', path.join(root, 'tests/data/model'), model, '--inventory', inventory]);
}

/* The demo's configuration with other ports and folders; `changes` are [text, replacement]. */
export function writeConfig(work, changes) {
  let text = fs.readFileSync(path.join(shopFolder, 'headrace.yaml'), 'utf8')
    .replaceAll('../../build/demo', work)
    .replaceAll('file: scenarios/', `file: ${path.join(shopFolder, 'scenarios')}/`);
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`headrace.yaml has no "${from}"`);
    text = text.replaceAll(from, to);
  }
  const file = path.join(work, 'headrace.yaml');
  fs.writeFileSync(file, text);
  return file;
}
