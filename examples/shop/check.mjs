// The stories of script/demo --check, in Debian's Chromium.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { root } from './lib/prepare.mjs';
import { openShop } from './lib/shop.mjs';
import { stop } from './lib/processes.mjs';
import { tlsFront } from './lib/tls.mjs';
import { Visitor } from './lib/visitor.mjs';
import { slidingList, modelAnswer } from './lib/oracle.mjs';

const LIMIT = 6; // the strip's setting in lib/prepare.mjs
const TOUK_HOST = 'nsw9mj-j4.myshopify.com';
const work = path.join(root, 'build/demo-check');
const shots = path.join(work, 'screenshots');

async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => resolve(server));
  })));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function openBrowser(extra = []) {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', ...extra];
  return chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args });
}

async function switchModel(place, action) {
  const answer = await fetch(`${place.api}/api/models/slirec_shopify_model/1/${action}`, { method: 'POST', headers: { 'Content-Type': 'application/json' } });
  assert.equal(answer.status, 200, `${action} the model`);
}

async function until(what, condition) {
  const deadline = Date.now() + 15000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    assert.ok(Date.now() < deadline, `${what} did not happen within 15 s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/* Two visitors with different clicks; each strip is the model's own answer for that history. */
async function visitorsSeeTheirOwn(place, browser) {
  const anna = await Visitor.open(browser, place, place.shop);
  const ben = await Visitor.open(browser, place, place.shop);
  await anna.page.goto(place.shop);
  await anna.page.waitForSelector('.headrace:not([hidden])');
  assert.equal(await anna.heading(), 'Popular right now', 'a new visitor is told that the list is not personal');
  await anna.page.screenshot({ path: path.join(shots, 'first-visit.png') });
  for (const [a, b] of [['jeans', 'blender'], ['dress', 'bookshelf'], ['sneakers', 'headphones']]) {
    await anna.click(a);
    await ben.click(b);
  }
  for (const visitor of [anna, ben]) {
    assert.deepEqual(await visitor.handles(), visitor.expected(work, LIMIT));
    assert.equal(await visitor.heading(), 'Picked for you');
  }
  assert.notDeepEqual(await anna.handles(), await ben.handles(), 'different clicks, different strips');
  await anna.page.screenshot({ path: path.join(shots, 'visitor-a.png'), fullPage: true });
  await ben.page.screenshot({ path: path.join(shots, 'visitor-b.png'), fullPage: true });
  return { anna, ben };
}

/* A click elsewhere changes the open page without a reload. */
async function anOpenPageFollows(place, anna) {
  const second = await anna.context.newPage();
  const before = await anna.handles();
  const posted = second.waitForResponse((answer) => answer.request().method() === 'POST' && answer.url().includes('/tp2'));
  await second.goto(`${place.shop}/products/thermometer`);
  const event = JSON.parse((await posted).request().postData()).data[0];
  await anna.page.waitForFunction((eid) => document.querySelector('.headrace').dataset.asOf === eid, event.eid, { timeout: 20000 });
  assert.notDeepEqual(await anna.handles(), before);
  await second.close();
}

/* As a shop's order page tells of it with Snowplow's e-commerce plugin. */
async function order(page, handle) {
  await page.addScriptTag({ path: path.join(root, 'examples/shop/node_modules/@snowplow/browser-plugin-snowplow-ecommerce/dist/index.umd.min.js') });
  await page.evaluate((id) => {
    const plugin = window.snowplowEcommerceAccelerator;
    window.snowplowBrowserTracking.addPlugin({ plugin: plugin.SnowplowEcommercePlugin() });
    plugin.trackTransaction({
      transaction_id: 'order-1', revenue: 10, currency: 'PLN', payment_method: 'card', total_quantity: 1,
      products: [{ id, category: 'any', price: 10, currency: 'PLN' }],
    });
  }, handle);
}

/* A product put into the cart is not recommended, taken out again it is, ordered it is not;
   asked for long lists, on which it has a place. */
async function whatIsBoughtIsNotShown(place, anna) {
  const [best] = await anna.handles();
  const second = await anna.context.newPage();
  await second.goto(`${place.shop}/products/${best}`);
  await second.click('button[name=add]');
  await second.waitForSelector('.lines');
  await anna.click('thermometer'); // what was looked at last is not shown either
  const read = await anna.page.evaluate(() => performance.getEntriesByType('resource').map((entry) => entry.name).find((name) => name.includes('/v1/recommendations/')));
  const list = async () => (await (await fetch(`${read.split(/[?]|\/events/)[0]}?limit=50`)).json()).items.map((item) => item.handle);
  await until('a list without the cart', async () => !(await list()).includes(best));
  await second.click('.lines button');
  await until('a list with it again', async () => (await list()).includes(best));
  await order(second, best);
  await until('a list without the order', async () => !(await list()).includes(best));
  await second.close();
}

async function aStoppedModelIsSaid(place, ben) {
  await switchModel(place, 'stop');
  await until('the fallback', async () => {
    await ben.page.reload();
    await ben.page.waitForSelector('.headrace:not([hidden])');
    return (await ben.page.$eval('.headrace', (strip) => strip.dataset.source)) !== 'model';
  });
  assert.equal(await ben.heading(), 'Popular right now');
  assert.ok((await ben.handles()).length > 0);
  await ben.page.screenshot({ path: path.join(shots, 'model-stopped.png'), fullPage: true });
  await switchModel(place, 'start');
}

async function theOperatorSees(place, browser) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') problems.push(message.text()); });
  await page.goto(place.api);
  await page.waitForSelector('#graph svg .node');
  await until('counts on the graph', async () => Number(await page.$eval('#graph .node .count', (e) => e.textContent.replace(/\D/g, ''))) > 0);
  await page.click('#graph .node');
  await page.screenshot({ path: path.join(shots, 'operator.png') });
  assert.deepEqual(problems, [], 'no script error, no policy violation');
  await page.close();
}

async function firstStory() {
  const [collect, api, shop] = await freePorts(3);
  const place = await openShop(work, { ports: { collect, api, shop } });
  const browser = await openBrowser();
  try {
    const { anna, ben } = await visitorsSeeTheirOwn(place, browser);
    await anOpenPageFollows(place, anna);
    await whatIsBoughtIsNotShown(place, anna);
    await aStoppedModelIsSaid(place, ben);
    await theOperatorSees(place, browser);
    return [...anna.times, ...ben.times];
  } finally {
    await browser.close();
    await stop(place.server);
    await stop(place.standin);
  }
}

/* The unchanged TouK scenario: the browser finds the stand-in under the scenario's shop host. */
async function secondStory() {
  const folder = path.join(work, 'touk');
  const [collect, api, shop] = await freePorts(3);
  const scenario = path.join(root, 'tests/data/scenario/shopify-realtime-recommendations-scenario.json');
  const place = await openShop(folder, {
    ports: { collect, api, shop }, appId: 'shopify-nu-recommendations', publicUrl: `https://${TOUK_HOST}`,
    changes: [
      [`file: ${path.join(root, 'examples/shop/scenarios')}/shop-recommendations.json`, `file: ${scenario}`],
      ['match: https://shop.example', `match: https://${TOUK_HOST}`],
    ],
  });
  const front = await tlsFront(folder, TOUK_HOST, shop);
  const browser = await openBrowser([`--host-resolver-rules=MAP ${TOUK_HOST}:443 127.0.0.1:${front.port}`, '--ignore-certificate-errors']);
  try {
    const visitor = await Visitor.open(browser, place, `https://${TOUK_HOST}`);
    for (const slug of ['lipstick', 'mascara']) await visitor.click(slug);
    assert.deepEqual(await visitor.handles(), visitor.expected(folder, LIMIT));
    const last = visitor.views[visitor.views.length - 1];
    const handles = modelAnswer(place.model, folder, visitor.duid, slidingList(visitor.views), last.logged).slice(0, 10);
    const catalogue = JSON.parse(fs.readFileSync(path.join(folder, 'catalogue.json'), 'utf8'));
    const wanted = JSON.stringify(handles.map((handle) => catalogue.find((product) => product.handle === handle).id));
    await until('the metaobject with the same list', async () => {
      const stats = await (await fetch(`${place.shop}/__stats`)).json();
      const written = stats.writes[`nu_recommendation/customer-${visitor.duid}`];
      return written && written.fields.products === wanted;
    });
    await visitor.page.screenshot({ path: path.join(shots, 'unchanged-scenario.png'), fullPage: true });
  } finally {
    await browser.close();
    front.close();
    await stop(place.server);
    await stop(place.standin);
  }
}

export async function check() {
  fs.rmSync(work, { recursive: true, force: true });
  fs.mkdirSync(shots, { recursive: true });
  const times = await firstStory();
  console.log('story 1: two visitors, live update, cart and order, stopped model, operator: ok');
  await secondStory();
  console.log('story 2: unchanged scenario, page and metaobject agree: ok');
  const median = (name) => times.map((t) => t[name]).sort((a, b) => a - b)[Math.floor(times.length / 2)].toFixed(1);
  console.log(`click (the tracker's request) -> acknowledged ${median('acknowledged')} ms -> recommended (the list is on the page) ` +
    `${median('recommended')} ms -> visible (painted) ${median('visible')} ms; medians of ${times.length} clicks`);
  console.log(`screenshots: ${path.relative(process.cwd(), shots)}`);
  return true;
}
