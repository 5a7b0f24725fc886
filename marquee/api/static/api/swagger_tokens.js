// Keeps the Swagger page logged in. After a log-in on the page it authorizes the page, and before the access
// token expires it fetches the next pair. Tokens stay in this tab (sessionStorage).
"use strict";

const MARGIN_SECONDS = 15;
const STORED = "marquee.tokens";
const GIVES_TOKENS = /\/auth\/(signup|login|refresh)\/$|\/me\/password\/$/;
const ENDS_SESSION = /\/auth\/logout\/$|\/me\/delete\/$/;

function lifetimeOf(access) {
  const payload = access.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
  const claims = JSON.parse(atob(payload));
  return claims.exp - claims.iat;
}

// `page` has what the script needs of the browser, so that a test can bring its own.
function swaggerTokens(page) {
  let tokens = JSON.parse(page.storage.getItem(STORED) || "null");
  let refreshing = null;

  function keep(pair) {
    // By this computer's clock, whatever the server's is.
    const expiresAt = page.now() + lifetimeOf(pair.access);
    tokens = { access: pair.access, refresh: pair.refresh, expiresAt };
    page.storage.setItem(STORED, JSON.stringify(tokens));
    page.authorize(tokens.access);
  }

  function forget() {
    tokens = null;
    page.storage.removeItem(STORED);
  }

  async function fetchNextPair() {
    const response = await page.fetch("/api/v1/auth/refresh/", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ refresh: tokens.refresh }),
    });
    if (response.ok) {
      keep(await response.json());
    } else if (response.status === 401) {
      forget();
    }
  }

  function refresh() {
    refreshing = refreshing || fetchNextPair().finally(() => { refreshing = null; });
    return refreshing;
  }

  function isOurs(request) {
    const header = request.headers && request.headers.Authorization;
    return tokens !== null && header === `Bearer ${tokens.access}`;
  }

  return {
    onComplete() { // Swagger does not persist what `authorize` sets
      if (tokens !== null) {
        page.authorize(tokens.access);
      }
    },

    async requestInterceptor(request) {
      if (!request.loadSpec && isOurs(request) && page.now() > tokens.expiresAt - MARGIN_SECONDS) {
        try {
          await refresh();
        } catch (error) {
          console.warn("No new token:", error); // the response says why the old one is refused
        }
        if (tokens !== null) {
          request.headers.Authorization = `Bearer ${tokens.access}`;
        }
      }
      return request;
    },

    async responseInterceptor(response) {
      const path = new URL(response.url, page.base).pathname;
      const body = response.body || {};
      if (response.ok && GIVES_TOKENS.test(path) && body.access && body.refresh) {
        keep(body);
      } else if (response.ok && ENDS_SESSION.test(path)) {
        forget();
      } else if (response.status === 401 && body.code === "token_expired" && tokens !== null) {
        await refresh().catch(() => undefined); // the next "Execute" has the new token
      }
      return response;
    },
  };
}

if (typeof module === "undefined") {
  globalThis.marqueeTokens = swaggerTokens({
    storage: sessionStorage,
    fetch: (...request) => fetch(...request),
    now: () => Date.now() / 1000,
    authorize: (access) => ui.preauthorizeApiKey("jwt", access), // `ui` is Swagger's own script's
    base: document.baseURI,
  });
} else {
  module.exports = { swaggerTokens };
}
