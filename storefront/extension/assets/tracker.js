// Starts the Snowplow browser tracker (snowplow.js is @snowplow/browser-tracker's UMD build) and
// tells it of the page view, and of products put into the cart or taken out of it by a form.
(function () {
  "use strict";
  var settings = document.currentScript.dataset;
  var tracking = window.snowplowBrowserTracking;
  tracking.newTracker("sp", settings.collector, {
    appId: settings.appId,
    cookieSecure: location.protocol === "https:",
    contexts: { webPage: true },
  });
  tracking.trackPageView();

  function handleIn(address) {
    var found = /\/products\/([^/?#]+)/.exec(address || "");
    return found ? decodeURIComponent(found[1]) : "";
  }

  function tell(verb, handle) {
    if (!handle) return;
    tracking.trackSelfDescribingEvent({
      event: {
        schema: "iglu:com.snowplowanalytics.snowplow/" + verb + "_cart/jsonschema/1-0-0",
        data: { sku: handle, quantity: 1 },
      },
    });
  }

  // A cart's line names its product by a link; themes that submit by script fire the event, too.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    var action = form.getAttribute("action") || "";
    if (/\/cart\/add(\.js)?$/.test(action)) tell("add_to", handleIn(location.pathname));
    var quantity = form.querySelector("[name=quantity]");
    if (!/\/cart\/change(\.js)?$/.test(action) || !quantity || quantity.value !== "0") return;
    var line = form.closest("li, tr");
    var link = line && line.querySelector("a[href*='/products/']");
    if (link) tell("remove_from", handleIn(link.getAttribute("href")));
  }, true);
})();
