// Starts the Snowplow browser tracker (snowplow.js is @snowplow/browser-tracker's UMD build) and
// tells it of the page view.
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
})();
