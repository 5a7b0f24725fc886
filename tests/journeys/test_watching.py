"""The negative controls of the journeys: what must not happen in a browser is noticed."""

from threading import Event, Thread, Timer

import pytest
from django.http import HttpResponse

from tests.journeys import site
from tests.journeys.checks import axe, targets

BAD = """
const script = document.createElement("script");
script.textContent = "window.ran = true";
document.head.append(script);
const button = document.createElement("button");
button.style.cssText = "width: 10px; height: 10px; padding: 0; min-height: 0";
document.body.append(button);
console.error("something broke");
setTimeout(() => { throw new Error("thrown") });
"""


def test_what_must_not_happen_is_noticed(desktop):
    watch = desktop.watch
    desktop.goto("/password-reset/")
    assert watch.problems == []

    desktop.evaluate(BAD)
    assert desktop.evaluate("window.ran") is None
    with pytest.raises(AssertionError, match="button-name"):
        axe(desktop)
    with pytest.raises(AssertionError, match="10 x 10: <button"):
        targets(desktop)
    desktop.goto("/no-such-page/")

    problems = "\n".join(watch.problems)
    for kind in ("CSP script-src", "something broke", "thrown", "404: GET"):
        assert kind in problems
    watch.problems.clear()


def test_a_request_to_another_host_is_noticed(desktop, site_address):
    watch = desktop.watch
    desktop.goto(site_address.replace("127.0.0.1", "localhost") + "/password-reset/")
    desktop.context.close()

    assert "a request to another host" in watch.problems[0]
    watch.problems.clear()


def test_the_site_is_idle_only_when_every_request_is_answered(monkeypatch):
    asked, go_on, order = Event(), Event(), []

    def slow(environ, start_response):
        asked.set()
        go_on.wait()
        order.append("answered")
        return HttpResponse(b"at last")

    monkeypatch.setattr(site, "application", slow)
    requests = [Thread(target=site.counted, args=({}, None)), Timer(0.2, go_on.set)]
    for one in requests:
        one.start()
    assert asked.wait(60)
    site.counted.wait_until_idle()
    order.append("idle")
    for one in requests:
        one.join()
    assert order == ["answered", "idle"]
