'use strict';
// What the tracker block tells: the page view, and carts by their forms.
const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

const source = fs.readFileSync(path.join(__dirname, '../extension/assets/tracker.js'), 'utf8');

/* A page with the tracker; submit(form) is what a visitor does, told what the tracker was told. */
function openPage(pathname) {
  const page = { views: 0, told: [] };
  const handlers = [];
  const document = { currentScript: { dataset: { collector: 'https://collector.test', appId: 'shop' } }, addEventListener: (type, handler, capture) => handlers.push({ type, handler, capture }) };
  const snowplowBrowserTracking = {
    newTracker: (...settings) => { page.settings = settings; },
    trackPageView: () => { page.views += 1; },
    trackSelfDescribingEvent: ({ event }) => page.told.push([event.schema.split('/')[1], event.data.sku, event.data.quantity]),
  };
  const location = { protocol: 'https:', pathname };
  vm.runInNewContext(source, { window: { snowplowBrowserTracking }, document, location });
  page.submit = (form) => {
    for (const { type, handler, capture } of handlers) {
      assert.deepEqual([type, capture], ['submit', true], 'before a theme may stop it');
      handler({ target: form });
    }
  };
  return page;
}

function form(action, { quantity, href, line = href !== undefined } = {}) {
  const link = href === undefined ? null : { getAttribute: () => href };
  return {
    getAttribute: (name) => (name === 'action' ? action : null),
    querySelector: () => (quantity === undefined ? null : { value: quantity }),
    closest: () => (line ? { querySelector: () => link } : null),
  };
}

test('it starts once and tells of the page view', () => {
  const page = openPage('/');
  assert.equal(page.views, 1);
  assert.equal(page.settings[1], 'https://collector.test');
  assert.deepEqual(page.told, []);
});

test('a product put into the cart is told by its handle', () => {
  for (const action of ['/cart/add', '/en/cart/add', '/cart/add.js']) {
    const page = openPage('/collections/all/products/red-hat%20xl');
    page.submit(form(action));
    assert.deepEqual(page.told, [['add_to_cart', 'red-hat xl', 1]]);
  }
});

test('a line taken out of the cart is told by its link', () => {
  const page = openPage('/cart');
  page.submit(form('/cart/change', { quantity: '0', href: '/products/red-hat?variant=7' }));
  assert.deepEqual(page.told, [['remove_from_cart', 'red-hat', 1]]);
});

test('what is neither is not told', () => {
  const page = openPage('/cart');
  page.submit(form('/cart/add'));
  page.submit(form('/search'));
  page.submit(form(null));
  page.submit(form('/cart/change', { quantity: '2', href: '/products/red-hat' }));
  page.submit(form('/cart/change', { href: '/products/red-hat' }));
  page.submit(form('/cart/change', { quantity: '0' }));
  page.submit(form('/cart/change', { quantity: '0', line: true }));
  page.submit(form('/cart/change', { quantity: '0', href: '/pages/about' }));
  assert.deepEqual(page.told, []);
});
