// What a strip must show, computed apart from the engine: the five-minute list by the original's
// rules, and the model's own answer for it.
import fs from 'node:fs';
import path from 'node:path';
import { run } from './processes.mjs';
import { headrace } from './shop.mjs';

const MINUTE = 60000;

/* views: {slug, viewed (dtm), logged} in order of arrival; the list as of the last one. Minute by
   minute oldest first, within a minute newest first. */
export function slidingList(views, lengthMs = 5 * MINUTE) {
  const now = views[views.length - 1].logged;
  const buckets = new Map();
  for (const view of views) {
    const start = Math.floor(view.logged / MINUTE) * MINUTE;
    if (start < now - lengthMs + 1 || start > now) continue;
    buckets.set(start, [view, ...(buckets.get(start) || [])]);
  }
  return [...buckets.keys()].sort((a, b) => a - b).flatMap((start) => buckets.get(start));
}

/* Handles in the model's order for a list, as of a time. */
export function modelAnswer(model, work, visitor, list, nowMs) {
  const request = { userId: visitor, items: list.map((v) => v.slug), timestamps: list.map((v) => String(v.viewed)) };
  const answer = JSON.parse(run(headrace, ['model', 'answer', model, '--now', String(nowMs)], JSON.stringify(request)));
  const catalogue = JSON.parse(fs.readFileSync(path.join(work, 'catalogue.json'), 'utf8'));
  const handles = new Map(catalogue.map((product) => [product.id, product.handle]));
  return answer.itemIds.map((id) => handles.get(id));
}
