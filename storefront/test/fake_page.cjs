'use strict';
// A page small enough to read: just the DOM, timers, fetch and EventSource that headrace.js touches.
// Time stands still until the test moves it.
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const crypto = require('node:crypto');

const source = fs.readFileSync(path.join(__dirname, '../extension/assets/headrace.js'), 'utf8');

class Events {
  constructor() { this.handlers = {}; }
  addEventListener(type, handler) { (this.handlers[type] ||= []).push(handler); }
  dispatchEvent(event) { for (const handler of this.handlers[event.type] || []) handler(event); }
}

class Element extends Events {
  constructor(page, tag) { super(); Object.assign(this, { page, tag, children: [], dataset: {}, attributes: {}, text: '' }); }
  append(...nodes) { this.children.push(...nodes); }
  replaceChildren(...nodes) { this.children = nodes; this.page.document.activeElement = null; }
  setAttribute(name, value) { this.attributes[name] = value; }
  focus() { this.page.document.activeElement = this; }
  set textContent(text) { this.text = text; }
  get textContent() { return this.text + this.children.map((child) => child.textContent).join(''); }
  querySelectorAll(tag) { return this.children.flatMap((child) => [...(child.tag === tag ? [child] : []), ...child.querySelectorAll(tag)]); }
}

/* answer(url, headers) -> {status, text, tag} or throws; the test sets page.answer. */
function openPage({ data = {}, cookie = '_sp_id.1=visitor.1.1.2', answer, eventSource = true, hidden = false } = {}) {
  const page = { now: 0, timers: new Map(), streams: [], reads: [], answer, rendered: [] };
  const window = new Events();
  const document = new Events();
  const strip = new Element(page, 'section');
  let id = 0;
  page.document = document;
  page.strip = strip;
  Object.assign(strip.dataset, { headrace: 'http://collector.test', namespace: 'demo' }, data);
  strip.hidden = true;
  strip.addEventListener('headrace:rendered', (event) => page.rendered.push(event.detail));
  Object.assign(document, { cookie, hidden, activeElement: null, createElement: (tag) => new Element(page, tag), querySelectorAll: () => [strip] });
  class EventSource extends Events {
    constructor(url) { super(); this.url = url; this.closed = false; page.streams.push(this); }
    close() { this.closed = true; }
    send(list) { this.dispatchEvent({ type: 'recommendations', data: JSON.stringify(list) }); }
    fail() { this.onerror(); }
  }
  const fetch = async (url, options) => {
    page.reads.push({ url, headers: options.headers });
    const { status = 200, text = '', tag = '' } = page.answer(url, options.headers);
    return { status, ok: status < 400, text: async () => text, headers: { get: (name) => (name === 'ETag' ? tag : null) } };
  };
  Object.assign(window, {
    document, fetch, location: { href: 'https://shop.test/products/mug' }, URL, TextEncoder, Uint8Array, btoa,
    crypto: { subtle: { digest: async (_, bytes) => crypto.createHash('sha256').update(bytes).digest() } },
    CustomEvent: class { constructor(type, init) { this.type = type; this.detail = init.detail; } },
    setTimeout: (action, milliseconds) => { page.timers.set(++id, { at: page.now + milliseconds, action }); return id; },
    clearTimeout: (timer) => page.timers.delete(timer),
    addEventListener: (type, handler) => Events.prototype.addEventListener.call(window, type, handler),
    ...(eventSource ? { EventSource } : {}),
  });
  window.window = window;
  vm.runInNewContext(source, window);

  page.settle = async () => { for (let i = 0; i < 30; i++) await new Promise((resolve) => setImmediate(resolve)); };
  /* Moves time; timers fire in order, what they start is awaited. */
  page.pass = async (milliseconds) => {
    const end = page.now + milliseconds;
    for (;;) {
      const next = [...page.timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!next) break;
      page.timers.delete(next[0]);
      page.now = next[1].at;
      next[1].action();
      await page.settle();
    }
    page.now = end;
  };
  page.hide = () => { document.hidden = true; document.dispatchEvent({ type: 'visibilitychange' }); };
  page.show = async () => { document.hidden = false; document.dispatchEvent({ type: 'visibilitychange' }); await page.settle(); };
  page.fire = (type) => window.dispatchEvent({ type });
  page.open = () => page.streams.filter((stream) => !stream.closed);
  page.titles = () => strip.querySelectorAll('a').map((link) => link.querySelectorAll('span')[0].text);
  return page;
}

module.exports = { openPage };
