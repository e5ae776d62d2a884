// The demo's three parts, running: stand-in shop, Headrace, and what belongs to them.
import path from 'node:path';
import { prepare, root, shopFolder, standinFolder, inventory, writeConfig } from './prepare.mjs';
import { start } from './processes.mjs';

export const TOKEN = 'shpat_demo';
export const headrace = path.join(root, 'build/release/headrace');

const DEFINITION = {
  query: 'mutation ($definition: MetaobjectDefinitionCreateInput!) { metaobjectDefinitionCreate(definition: $definition) { userErrors { code message } } }',
  variables: {
    definition: {
      type: 'nu_recommendation', name: 'Recommendation', access: { storefront: 'PUBLIC_READ' },
      fieldDefinitions: [{ key: 'products', name: 'products', type: 'list.product_reference' }],
    },
  },
};

/* ports: {collect, api, shop}; publicUrl: what the shop's own links say. */
export async function openShop(work, { ports, appId = 'shop', publicUrl, changes = [], data = path.join(work, 'data') }) {
  const collector = `http://127.0.0.1:${ports.collect}`;
  const shop = `http://127.0.0.1:${ports.shop}`;
  prepare(work, headrace, { collector, appId });
  const config = writeConfig(work, [
    ['127.0.0.1:8080', `127.0.0.1:${ports.collect}`],
    ['127.0.0.1:8081', `127.0.0.1:${ports.api}`],
    ['127.0.0.1:9292', `127.0.0.1:${ports.shop}`],
    ...changes,
  ]);
  const standin = await start('the stand-in shop', process.execPath, [
    path.join(standinFolder, 'server.cjs'), '--catalogue', inventory, '--port', String(ports.shop), '--shop-name', 'Millpond',
    '--theme', path.join(shopFolder, 'theme'), '--theme-extension', path.join(work, 'extension'), '--settings', path.join(work, 'settings.json'),
    '--admin-token', TOKEN, ...(publicUrl ? ['--public-url', publicUrl] : []),
  ], { ready: /stand-in shop on/, log: path.join(work, 'shop.log') });
  await fetch(`${shop}/admin/api/2026-07/graphql.json`, {
    method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Shopify-Access-Token': TOKEN }, body: JSON.stringify(DEFINITION),
  });
  const server = await start('headrace', headrace, ['serve', '--config', config, '--data', data],
    { ready: /^ready$/m, log: path.join(work, 'headrace.log'), env: { SHOPIFY_TOKEN: TOKEN } });
  return { shop, collector, api: `http://127.0.0.1:${ports.api}`, standin, server, config, data, model: path.join(work, 'model') };
}
