'use strict';
// The strip's life on a page: reading, streaming, losing the stream, hiding.
const test = require('node:test');
const assert = require('node:assert');
const { openPage } = require('./fake_page.cjs');

const list = (eid, ...titles) => ({ source: 'model', asOf: { eid }, items: titles.map((title) => ({ id: title, handle: title, title })) });
const body = (value) => ({ text: JSON.stringify(value), tag: `"${value.asOf.eid}"` });
const down = () => { throw new Error('refused'); };

async function shown(options = {}) {
  const page = openPage({ answer: () => body(list('e1', 'Mug', 'Cup')), ...options });
  await page.settle();
  return page;
}

test('it reads once, shows, then follows one stream without a timer', async () => {
  const page = await shown({ data: { limit: '4', product: 'tea & co' } });
  assert.deepEqual(page.titles(), ['Mug', 'Cup']);
  assert.equal(page.strip.hidden, false);
  assert.equal(page.reads.length, 1);
  assert.match(page.reads[0].url, /^http:\/\/collector\.test\/v1\/recommendations\/[\w-]{22}\?limit=4&exclude=tea%20%26%20co$/);
  assert.equal(page.open().length, 1);
  page.open()[0].send(list('e1', 'Mug', 'Cup'));
  assert.equal(page.rendered.length, 1, 'the same list is not drawn twice');
  page.open()[0].send(list('e2', 'Tea'));
  assert.deepEqual(page.titles(), ['Tea']);
  assert.equal(page.strip.dataset.asOf, 'e2');
  assert.equal(page.timers.size, 0);
});

test('a lost stream becomes polling with the tag, then a stream again', async () => {
  const page = await shown();
  page.open()[0].send(list('e1', 'Mug', 'Cup'));
  page.answer = (url, headers) => (headers['If-None-Match'] === '"e1"' ? { status: 304 } : body(list('e1', 'Mug')));
  page.open()[0].fail();
  assert.equal(page.open().length, 0);
  assert.equal(page.timers.size, 1);
  await page.pass(6100);
  assert.equal(page.reads.at(-1).headers['If-None-Match'], '"e1"');
  assert.equal(page.open().length, 1);
  page.open()[0].send(list('e3', 'Tea'));
  assert.deepEqual(page.titles(), ['Tea']);
  assert.equal(page.timers.size, 0);
});

test('where streams never get through it keeps polling and tries them ever less often', async () => {
  const page = await shown();
  const gaps = [];
  let before = page.reads.length;
  for (let i = 0; i < 7; i++) {
    page.open()[0].fail();
    while (!page.open().length) { await page.pass(1000); assert.ok(page.timers.size + page.open().length >= 1 && page.timers.size <= 1); }
    gaps.push(page.reads.length - before);
    before = page.reads.length;
  }
  assert.deepEqual(gaps, [1, 2, 4, 8, 12, 12, 12], 'polls between two attempts');
});

test('while the server is away it asks ever less often, at most once in 48 to 72 s, and no stream is tried', async () => {
  const page = await shown();
  page.answer = down;
  page.open()[0].fail();
  await page.pass(600000);
  const before = page.reads.length;
  await page.pass(600000);
  assert.ok(page.reads.length - before >= 8 && page.reads.length - before <= 13, `${page.reads.length - before} reads in ten minutes`);
  assert.equal(page.open().length, 0);
  assert.equal(page.timers.size, 1);
  assert.deepEqual(page.titles(), ['Mug', 'Cup'], 'what was shown stays');
  page.answer = () => body(list('e9', 'Back'));
  // A second at a time: a stream that is opened and stays silent for ten would be given up again.
  for (let waited = 0; waited < 73 && !page.open().length; waited++) await page.pass(1000);
  assert.deepEqual(page.titles(), ['Back']);
  assert.equal(page.open().length, 1);
});

test('a stream that opens and stays silent is given up', async () => {
  const page = await shown();
  assert.equal(page.timers.size, 1);
  await page.pass(10001);
  assert.equal(page.open().length, 0);
  assert.equal(page.timers.size, 1);
});

test('a hidden page holds no stream and no timer; shown again it holds one stream', async () => {
  const page = await shown();
  page.hide();
  assert.equal(page.open().length, 0);
  assert.equal(page.timers.size, 0);
  await page.pass(600000);
  assert.equal(page.reads.length, 1);
  await page.show();
  page.fire('pageshow');
  await page.settle();
  assert.equal(page.open().length, 1);
  page.fire('pagehide');
  assert.equal(page.open().length + page.timers.size, 0);
});

test('hidden while an answer is on its way: nothing starts behind the page\'s back', async () => {
  const page = openPage({ answer: () => body(list('e1', 'Mug')) });
  page.hide();
  await page.settle();
  assert.equal(page.open().length + page.timers.size, 0);
  await page.show();
  assert.equal(page.open().length, 1);
  assert.deepEqual(page.titles(), ['Mug']);
});

test('a page opened in the background waits until it is looked at', async () => {
  const page = await shown({ hidden: true });
  assert.equal(page.reads.length + page.open().length + page.timers.size, 0);
  await page.show();
  assert.equal(page.rendered.length, 1);
});

test('without EventSource it only polls', async () => {
  const page = await shown({ eventSource: false });
  await page.pass(61000);
  assert.ok(page.reads.length >= 10, `${page.reads.length} reads`);
  assert.equal(page.timers.size, 1);
});

test('the keyboard stays where it was when the list changes', async () => {
  const page = await shown();
  page.strip.querySelectorAll('a')[1].focus();
  page.open()[0].send(list('e2', 'Tea', 'Milk', 'Bread'));
  assert.equal(page.document.activeElement.querySelectorAll('span')[0].text, 'Milk');
  page.open()[0].send(list('e3', 'Tea'));
  assert.equal(page.document.activeElement.querySelectorAll('span')[0].text, 'Tea');
});

test('a page without the tracker\'s cookie waits five seconds for it, then shows what is popular', async () => {
  const page = await shown({ cookie: '' });
  assert.equal(page.reads.length, 0);
  await page.pass(5100);
  await page.settle();
  assert.equal(page.reads.length, 1);
  assert.equal(page.strip.hidden, false);
});

test('an empty list hides the strip; markup and other schemes stay text', async () => {
  const page = await shown();
  page.open()[0].send({ source: 'popular', items: [] });
  assert.equal(page.strip.hidden, true);
  page.open()[0].send({ source: 'popular', items: [{ id: '1', title: '<img src=x onerror=alert(1)>', url: 'javascript:alert(1)', image: 'data:text/html,x', price: '<b>1</b>' }] });
  assert.deepEqual(page.titles(), ['<img src=x onerror=alert(1)>']);
  assert.equal(page.strip.querySelectorAll('a')[0].href, undefined);
  assert.equal(page.strip.querySelectorAll('img').length, 0);
});
