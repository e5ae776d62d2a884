'use strict';
const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const zlib = require('node:zlib');
const crypto = require('node:crypto');

global.location = { href: 'https://shop.example/products/mug' };
const file = path.join(__dirname, '../extension/assets/headrace.js');
const widget = require(file);

test('the visitor is the domain user id of the newest tracker cookie', () => {
  const old = '_sp_id.aaaa=old-visitor.1.1.100.90.s';
  const now = '_sp_id.f399=new-visitor.1.1.200.190.s.p.f.3.1';
  assert.strictEqual(widget.visitorFromCookies(`a=b; ${old}; ${now}; c=d`), 'new-visitor');
  assert.strictEqual(widget.visitorFromCookies(`${now}; ${old}`), 'new-visitor');
  assert.strictEqual(widget.visitorFromCookies('_sp_ses.f399=*; x=_sp_id.1=no'), '');
  assert.strictEqual(widget.visitorFromCookies(''), '');
});

test('the token is the cut SHA-256 of namespace and visitor, as the server computes it', async () => {
  const hash = crypto.createHash('sha256').update('headrace visitor\0demo\0' + 'visitor-1').digest('base64url');
  assert.strictEqual(await widget.tokenOf('demo', 'visitor-1'), hash.slice(0, 22));
});

test('addresses that are no web addresses are not followed', () => {
  assert.strictEqual(widget.safeUrl('javascript:alert(1)'), '');
  assert.strictEqual(widget.safeUrl('data:text/html,x'), '');
  assert.strictEqual(widget.safeUrl('/products/cup'), 'https://shop.example/products/cup');
  assert.strictEqual(widget.safeUrl('http://[broken'), '');
});

test('the widget stays under 5 KB compressed', () => {
  assert.ok(zlib.gzipSync(fs.readFileSync(file)).length < 5 * 1024);
});

test('nothing is ever inserted as markup', () => {
  const source = fs.readFileSync(file, 'utf8');
  assert.doesNotMatch(source, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/);
});
