// The recommendations strip. No framework, no dependency. Put it on a page as
//
//   <section data-headrace="https://collector.example" data-namespace="shop" data-limit="8"></section>
//   <script src="headrace.js" defer></script>
//
// It takes the visitor id from the Snowplow tracker's first-party cookie, computes the visitor's
// opaque token, reads the list, and follows its changes by server-sent events; where these do not
// get through it asks again now and then, and tries the stream again ever less often. A hidden page
// holds no stream and no timer. Everything from outside is inserted as text.
(function () {
  "use strict";
  var TOKEN_LENGTH = 22, COOKIE_WAIT_MS = 100, COOKIE_TRIES = 50, POLL_MS = 5000, POLL_MAX_MS = 60000,
    STREAM_MS = 10000, STREAM_EVERY_MAX = 12;

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

  // Where the keyboard is on the strip, so that a new list does not take it away.
  function focused(strip) {
    return Array.prototype.indexOf.call(strip.querySelectorAll("a"), document.activeElement);
  }

  function render(strip, list) {
    var personal = list.source === "model", place = focused(strip);
    var items = element("ul", "headrace-items");
    (list.items || []).forEach(function (item) {
      var entry = document.createElement("li");
      entry.append(card(item));
      items.append(entry);
    });
    var heading = element("h2", "headrace-heading", strip.dataset[personal ? "heading" : "fallbackHeading"] ||
      (personal ? "Picked for you" : "Popular right now"));
    strip.replaceChildren(heading, items);
    strip.dataset.source = list.source;
    strip.dataset.asOf = (list.asOf && list.asOf.eid) || "";
    strip.hidden = !items.children.length;
    strip.setAttribute("aria-label", heading.textContent);
    if (place >= 0) {
      var links = strip.querySelectorAll("a");
      if (links.length) links[Math.min(place, links.length - 1)].focus({ preventScroll: true });
    }
    strip.dispatchEvent(new CustomEvent("headrace:rendered", { bubbles: true, detail: list }));
  }

  // One strip's life: shown -> read, then stream; stream lost -> poll, and every so many polls the
  // stream again; hidden -> nothing at all. One timer serves all of it: clearing is part of setting.
  function follow(strip, token) {
    var base = strip.dataset.headrace.replace(/\/$/, "") + "/v1/recommendations/" + token;
    var query = "?limit=" + (parseInt(strip.dataset.limit, 10) || 8);
    var tag = "", shown = "", pause = POLL_MS, every = 1, left = 1, timer = 0, stream = null;
    var life = 0, awake = false; // an answer to a former life is not used
    if (strip.dataset.product) query += "&exclude=" + encodeURIComponent(strip.dataset.product);

    function show(text) {
      if (text === shown) return;
      render(strip, JSON.parse(text));
      shown = text;
    }
    function wait(milliseconds, action) {
      clearTimeout(timer);
      timer = setTimeout(action, milliseconds);
    }
    function rest() {
      clearTimeout(timer);
      if (stream) stream.close();
      stream = null;
    }
    function read() {
      return fetch(base + query, { headers: tag ? { "If-None-Match": tag } : {}, credentials: "omit" }).then(function (answer) {
        if (answer.status === 304) return "";
        if (!answer.ok) throw new Error("HTTP " + answer.status);
        return answer.text().then(function (text) {
          tag = answer.headers.get("ETag") || "";
          return text;
        });
      });
    }
    function poll() { // the spread keeps a thousand pages from coming back in the same instant
      wait(pause * (0.8 + 0.4 * Math.random()), function () {
        var mine = life;
        read().then(function (text) {
          if (mine !== life) return;
          if (text) show(text);
          pause = POLL_MS;
          if (--left > 0) poll(); else listen();
        }).catch(function () {
          if (mine !== life) return;
          pause = Math.min(pause * 2, POLL_MAX_MS);
          poll();
        });
      });
    }
    function lost() {
      rest();
      left = every;
      every = Math.min(every * 2, STREAM_EVERY_MAX);
      poll();
    }
    function listen() {
      rest();
      if (!window.EventSource) {
        left = Infinity;
        return poll();
      }
      var mine = stream = new EventSource(base + "/events" + query);
      wait(STREAM_MS, lost); // a proxy that holds events back is as good as none
      stream.addEventListener("recommendations", function (event) {
        if (mine !== stream) return;
        clearTimeout(timer);
        every = 1;
        pause = POLL_MS;
        show(event.data);
      });
      stream.onerror = function () { if (mine === stream) lost(); };
    }
    function wake() {
      if (awake || document.hidden) return;
      awake = true;
      var mine = ++life;
      if (shown) return listen();
      read().then(function (text) { if (mine === life && text) show(text); }).catch(function () {}).then(function () { if (mine === life) listen(); });
    }
    function sleep() {
      awake = false;
      life++;
      rest();
    }
    document.addEventListener("visibilitychange", function () { if (document.hidden) sleep(); else wake(); });
    addEventListener("pagehide", sleep);
    addEventListener("pageshow", wake);
    wake();
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
