// The recommendations strip. No framework, no dependency. Put it on a page as
//
//   <section data-headrace="https://collector.example" data-namespace="shop" data-limit="8"></section>
//   <script src="headrace.js" defer></script>
//
// It takes the visitor id from the Snowplow tracker's first-party cookie, computes the visitor's
// opaque token, reads the list, and follows its changes by server-sent events; where these do not
// get through it asks again now and then. Everything from outside is inserted as text.
(function () {
  "use strict";
  var TOKEN_LENGTH = 22, COOKIE_WAIT_MS = 100, COOKIE_TRIES = 50, POLL_MS = 5000, POLL_MAX_MS = 60000;

  // _sp_id.<hash> = duid.created.visits.now.last.session...; several may lie side by side: newest wins.
  function visitorFromCookies(text) {
    var newest = 0, visitor = "";
    text.split(/; */).forEach(function (pair) {
      var match = /^_sp_id\.[^=]*=([^;]+)$/.exec(pair);
      var parts = match ? decodeURIComponent(match[1]).split(".") : [];
      if (parts[0] && Number(parts[3]) >= newest) {
        newest = Number(parts[3]);
        visitor = parts[0];
      }
    });
    return visitor;
  }

  // base64url(SHA-256("headrace visitor\0" namespace "\0" visitor)), cut: nobody computes the way back.
  function tokenOf(namespace, visitor) {
    var bytes = new TextEncoder().encode("headrace visitor\0" + namespace + "\0" + visitor);
    return crypto.subtle.digest("SHA-256", bytes).then(function (hash) {
      var text = btoa(String.fromCharCode.apply(null, new Uint8Array(hash)));
      return text.replace(/\+/g, "-").replace(/\//g, "_").slice(0, TOKEN_LENGTH);
    });
  }

  function element(tag, className, text) {
    var made = document.createElement(tag);
    made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  // Only what a browser may follow: never javascript: or data:.
  function safeUrl(text) {
    try {
      var url = new URL(text, location.href);
      return /^https?:$/.test(url.protocol) ? url.href : "";
    } catch (error) {
      return "";
    }
  }

  function card(item) {
    var link = element("a", "headrace-card");
    var url = safeUrl(item.url || "/products/" + encodeURIComponent(item.handle || ""));
    if (url) link.href = url;
    var image = safeUrl(item.image || "");
    if (item.image && image) {
      var picture = element("img", "headrace-image");
      picture.src = image;
      picture.alt = "";
      picture.loading = "lazy";
      picture.width = picture.height = 240;
      link.append(picture);
    }
    link.append(element("span", "headrace-title", item.title || item.handle || item.id));
    if (item.price) link.append(element("span", "headrace-price", String(item.price)));
    return link;
  }

  function render(strip, list) {
    var personal = list.source === "model";
    var items = element("ul", "headrace-items");
    (list.items || []).forEach(function (item) {
      var place = document.createElement("li");
      place.append(card(item));
      items.append(place);
    });
    var heading = element("h2", "headrace-heading", strip.dataset[personal ? "heading" : "fallbackHeading"] ||
      (personal ? "Picked for you" : "Popular right now"));
    strip.replaceChildren(heading, items);
    strip.dataset.source = list.source;
    strip.dataset.asOf = (list.asOf && list.asOf.eid) || "";
    strip.hidden = !items.children.length;
    strip.setAttribute("aria-label", heading.textContent);
    strip.dispatchEvent(new CustomEvent("headrace:rendered", { bubbles: true, detail: list }));
  }

  function follow(strip, token) {
    var base = strip.dataset.headrace.replace(/\/$/, "") + "/v1/recommendations/" + token;
    var query = "?limit=" + (parseInt(strip.dataset.limit, 10) || 8);
    var tag = "", pause = POLL_MS, timer = 0, stream = null;
    if (strip.dataset.product) query += "&exclude=" + encodeURIComponent(strip.dataset.product);

    function read() {
      return fetch(base + query, { headers: tag ? { "If-None-Match": tag } : {}, credentials: "omit" }).then(function (answer) {
        if (answer.status === 304) return;
        if (!answer.ok) throw new Error("HTTP " + answer.status);
        tag = answer.headers.get("ETag") || "";
        return answer.json().then(function (list) { render(strip, list); });
      });
    }
    function poll() {
      clearTimeout(timer);
      timer = setTimeout(function () {
        read().then(function () { pause = POLL_MS; }, function () { pause = Math.min(pause * 2, POLL_MAX_MS); }).then(poll);
      }, pause);
    }
    function listen() {
      stream = new EventSource(base + "/events" + query);
      stream.addEventListener("recommendations", function (event) { render(strip, JSON.parse(event.data)); });
      stream.onerror = function () {
        stream.close();
        poll();
      };
    }
    read().catch(function () {}).then(function () { if (window.EventSource) listen(); else poll(); });
    addEventListener("pagehide", function () {
      clearTimeout(timer);
      if (stream) stream.close();
    });
    addEventListener("pageshow", function (event) { if (event.persisted) listen(); });
  }

  function start(strip, tries) {
    var visitor = strip.dataset.visitor || visitorFromCookies(document.cookie);
    if (!visitor && tries > 0) { // the tracker writes its cookie a little after the page is there
      setTimeout(function () { start(strip, tries - 1); }, COOKIE_WAIT_MS);
      return;
    }
    tokenOf(strip.dataset.namespace || "shop", visitor || "unknown").then(function (token) { follow(strip, token); });
  }

  if (typeof module === "object" && module.exports) {
    module.exports = { visitorFromCookies: visitorFromCookies, tokenOf: tokenOf, safeUrl: safeUrl };
    return;
  }
  document.querySelectorAll("[data-headrace]").forEach(function (strip) { start(strip, COOKIE_TRIES); });
})();
