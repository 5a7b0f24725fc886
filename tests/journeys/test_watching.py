"""The negative controls of the journeys: what must not happen in a browser is noticed."""

import pytest

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
