// A visitor: a browser context of its own that opens products and waits for the strip to follow.
import { slidingList, modelAnswer } from './oracle.mjs';

export class Visitor {
  constructor(context, page, place) {
    Object.assign(this, { context, page, place, views: [], times: [] });
  }

  static async open(browser, place, shopUrl) {
    const context = await browser.newContext({ viewport: { width: 1180, height: 900 }, ignoreHTTPSErrors: true });
    await context.addInitScript(() => {
      window.rendered = [];
      addEventListener('headrace:rendered', (event) => {
        const list = event.detail;
        const now = () => performance.timeOrigin + performance.now();
        const came = now();
        requestAnimationFrame(() => requestAnimationFrame(() => window.rendered.push({ came, at: now(), list })));
      });
    });
    const page = await context.newPage();
    const visitor = new Visitor(context, page, place);
    visitor.shopUrl = shopUrl;
    return visitor;
  }

  /* Opens a page; answers the tracker's own event of that page view and when it was acknowledged. */
  async view(path) {
    const posted = this.page.waitForResponse((answer) => answer.request().method() === 'POST' && answer.url().includes('/tp2'));
    await this.page.goto(this.shopUrl + path);
    const answer = await posted;
    await answer.finished();
    const timing = answer.request().timing();
    const event = JSON.parse(answer.request().postData()).data.find((item) => item.e === 'pv');
    return { event, status: answer.status(), clickedAt: timing.startTime, acknowledgedMs: timing.responseEnd };
  }

  /* Opens a product and waits until the strip is as of that very click. */
  async click(slug) {
    const seen = await this.view(`/products/${slug}`);
    await this.page.waitForFunction((eid) => window.rendered.some((r) => r.list.asOf && r.list.asOf.eid === eid), seen.event.eid, { timeout: 20000 });
    const { came, at, list } = await this.page.evaluate((eid) => window.rendered.find((r) => r.list.asOf && r.list.asOf.eid === eid), seen.event.eid);
    this.duid = seen.event.duid;
    this.views.push({ slug, viewed: Number(seen.event.dtm), logged: list.asOf.time });
    this.times.push({ acknowledged: seen.acknowledgedMs, recommended: came - seen.clickedAt, visible: at - seen.clickedAt });
    return list;
  }

  /* Titles on the strip, as a person reads them. */
  titles() {
    return this.page.$$eval('.headrace .headrace-title', (elements) => elements.map((element) => element.textContent));
  }

  handles() {
    return this.page.$$eval('.headrace a.headrace-card', (links) => links.map((link) => new URL(link.href).pathname.split('/').pop()));
  }

  heading() {
    return this.page.$eval('.headrace-heading', (element) => element.textContent);
  }

  /* What the model itself says for this visitor's clicks, without the product on the page. */
  expected(work, limit) {
    const list = slidingList(this.views);
    const last = this.views[this.views.length - 1];
    const handles = modelAnswer(this.place.model, work, this.duid, list, last.logged);
    return handles.filter((handle) => handle !== last.slug).slice(0, limit);
  }
}
