'use strict';
// What Shopify checks when a theme app extension is pushed, as far as it can be checked here.
const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const extension = path.join(__dirname, '../extension');
const KB = 1024;
const folders = { assets: /\.(js|css|svg|png|jpe?g|gif|json)$/, blocks: /\.liquid$/, snippets: /\.liquid$/, locales: /\.json$/ };
const kinds = new Set(['text', 'textarea', 'richtext', 'url', 'checkbox', 'range', 'number', 'select', 'radio', 'color', 'product', 'collection', 'header', 'paragraph']);
const read = (...parts) => fs.readFileSync(path.join(extension, ...parts), 'utf8');
const blocks = fs.readdirSync(path.join(extension, 'blocks'));

function schemaOf(block) {
  const found = [...read('blocks', block).matchAll(/{%-?\s*schema\s*-?%}([\s\S]*?){%-?\s*endschema\s*-?%}/g)];
  assert.equal(found.length, 1, `${block} has one schema`);
  return JSON.parse(found[0][1]);
}

function checkSetting(setting, where) {
  assert.ok(kinds.has(setting.type), `${where}: type ${setting.type}`);
  if (setting.type === 'header' || setting.type === 'paragraph') return;
  assert.match(setting.id, /^[a-z][a-z0-9_]*$/, where);
  assert.ok(setting.label, `${where}: label`);
  assert.notEqual(setting.default, '', `${where}: an empty default is refused; leave it out`);
  if (setting.type !== 'range') return;
  const steps = (setting.max - setting.min) / setting.step;
  assert.ok(Number.isInteger(steps) && steps >= 2 && steps <= 100, `${where}: 3 to 101 steps`);
  assert.ok(setting.default >= setting.min && setting.default <= setting.max && Number.isInteger((setting.default - setting.min) / setting.step), `${where}: default on a step`);
}

test('only the folders and kinds of files an extension may have', () => {
  for (const entry of fs.readdirSync(extension)) {
    if (entry === 'shopify.extension.toml') continue;
    assert.ok(folders[entry], `${entry} does not belong here`);
    for (const file of fs.readdirSync(path.join(extension, entry))) assert.match(file, folders[entry], entry);
  }
  assert.match(read('shopify.extension.toml'), /^type = "theme"$/m);
  assert.equal(fs.readdirSync(path.join(extension, 'locales')).filter((file) => /\.default\.json$/.test(file)).length, 1);
  JSON.parse(read('locales', 'en.default.json'));
});

for (const block of blocks) {
  test(`block ${block}: schema, settings, assets, escaping`, () => {
    const source = read('blocks', block);
    const schema = schemaOf(block);
    assert.ok(schema.name && schema.name.length <= 25, 'a name of at most 25 characters');
    assert.ok(['section', 'head', 'body', 'compliance_head'].includes(schema.target));
    for (const asset of [schema.javascript, schema.stylesheet].filter(Boolean)) assert.ok(fs.existsSync(path.join(extension, 'assets', asset)), asset);
    for (const setting of schema.settings) checkSetting(setting, `${block} ${setting.id}`);
    const ids = schema.settings.map((setting) => setting.id).filter(Boolean);
    assert.equal(new Set(ids).size, ids.length, 'ids are unique');
    for (const [, id] of source.matchAll(/block\.settings\.(\w+)/g)) assert.ok(ids.includes(id), `${id} is used and not declared`);
    for (const id of ids) assert.ok(source.includes(`block.settings.${id}`), `${id} is declared and not used`);
    for (const [whole, inside] of source.matchAll(/{{-?\s*(.*?)\s*-?}}/g)) {
      assert.match(inside, /\| (escape|asset_url)$|^block\.shopify_attributes$|^block\.settings\.limit$/, `${whole} goes out unescaped`);
    }
    if (schema.target === 'section') assert.ok(source.includes('block.shopify_attributes'), 'the theme editor can select it');
  });
}

test('sizes: Liquid under 100 KB, the rest far under 10 MB; what each page loads is small', () => {
  const size = (folder, file) => fs.statSync(path.join(extension, folder, file)).size;
  assert.ok(blocks.reduce((sum, block) => sum + size('blocks', block), 0) < 100 * KB);
  assert.ok(fs.readdirSync(path.join(extension, 'assets')).reduce((sum, file) => sum + size('assets', file), 0) < 100 * KB);
  assert.ok(size('assets', 'headrace.css') < 2 * KB);
  assert.ok(size('assets', 'tracker.js') < 2 * KB);
});
