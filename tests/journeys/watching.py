"""Watch everything that a browser does, and list what should not have happened."""

from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, WebError

# Runs before each page's own scripts: layout shifts and reports about the CSP, from the first one on.
WATCHER = """
window.layoutShift = 0;
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) {
    if (!shift.hadRecentInput) window.layoutShift += shift.value;
  }
}).observe({type: "layout-shift", buffered: true});
addEventListener("securitypolicyviolation", (report) => {
  console.error("CSP", report.violatedDirective, report.blockedURI, report.sourceFile);
});
"""
# The console repeats each status from 400 on, which we see as a response.
REPEATED = "Failed to load resource: the server responded with a status"
# A page that is left gives up what it was still waiting for.
GIVEN_UP = "net::ERR_ABORTED"


class Watch:
    """What one visitor's browser did: problems, and the responses since the page was opened."""

    def __init__(self, context: BrowserContext, site: str) -> None:
        """Watch every page of the context. Only `site` may be requested."""
        self.site = site
        self.problems: list[str] = []
        self.responses: list[Response] = []
        self._expected: set[int] = set()
        self._seen: set[int] = set()
        context.add_init_script(WATCHER)
        context.on("console", self._read_console)
        context.on("weberror", self._see_error)
        context.on("request", self._see_request)
        context.on("requestfailed", self._see_failure)
        context.on("response", self._see_response)

    def expect(self, *statuses: int) -> None:
        """Allow these statuses from 400 on. One that no response has is a problem at the end."""
        self._expected.update(statuses)

    def missing(self) -> Collection[int]:
        """Return the expected statuses that no response had."""
        return self._expected - self._seen

    def _read_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(REPEATED):
            self.problems.append(f"console: {message.text}")

    def _see_error(self, error: WebError) -> None:
        self.problems.append(f"script: {error.error}")

    def _see_request(self, request: Request) -> None:
        if request.is_navigation_request() and request.redirected_from is None:
            self.responses.clear()
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob"} and not request.url.startswith(f"{self.site}/"):
            self.problems.append(f"a request to another host: {request.url}")

    def _see_failure(self, request: Request) -> None:
        if request.failure != GIVEN_UP:
            self.problems.append(f"{request.failure}: {request.method} {request.url}")

    def _see_response(self, response: Response) -> None:
        self.responses.append(response)
        self._seen.add(response.status)
        if response.status >= 400 and response.status not in self._expected:
            self.problems.append(f"{response.status}: {response.request.method} {response.url}")


# What a screen reader says: each change of what stands in a live region.
LISTEN = """
() => {
  window.said = [];
  for (const region of document.querySelectorAll("[role=status], [role=alert]")) {
    new MutationObserver(() => {
      if (region.textContent.trim()) said.push(region.textContent.trim());
    }).observe(region, {childList: true, characterData: true, subtree: true});
  }
}
"""


def listen(page: Page) -> None:
    """Begin to note what the page, as it is now, says aloud."""
    page.evaluate(LISTEN)


def said(page: Page) -> Sequence[str]:
    """Return what the page has said since it was asked last."""
    words: list[str] = page.evaluate("said.splice(0)")
    return words
