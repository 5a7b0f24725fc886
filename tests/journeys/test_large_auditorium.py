"""An auditorium of 1,000 seats on a slow phone."""

from playwright.sync_api import CDPSession, expect

from tests.factories import make_auditorium, make_show
from tests.journeys.checks import CLS, SEAT_PAGE, budget, targets
from tests.journeys.screens import PHONE
from tests.journeys.steps import choose

# DESIGN 15 has the budget of a page with 300 seats: one of 1,000 keeps it, too.
ROWS = [f"{letter}: {'s' * 20}_{'s' * 20}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXY"]
# A phone is four times slower than this machine; a page is quick if it answers a tap within 200 ms
# (web.dev/articles/inp), of which the browser needs some itself, to draw.
SLOWER, MILLISECONDS = 4, 150
WORK = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")


def test_a_thousand_seats_answer_a_tap_at_once(visitor):
    show = make_show(make_auditorium(rows=ROWS))
    phone = visitor(PHONE)
    phone.goto(f"/shows/{show.pk}/")
    expect(phone.locator("td input")).to_have_count(1000)
    expect(phone.get_by_role("grid")).to_be_visible()
    budget(phone, phone.watch, SEAT_PAGE)
    targets(phone)
    slow = phone.context.new_cdp_session(phone)
    slow.send("Performance.enable", {"timeDomain": "threadTicks"})
    slow.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    costs = []
    for label in ("M20", "M21", "M19"):
        before = work(slow)
        choose(phone, label)
        expect(phone.locator(f'.chosen [data-seat="{label}"]')).to_be_visible()
        costs.append(work(slow) - before)
    # The quickest: the others met something else that the machine did.
    assert min(costs) <= MILLISECONDS
    assert phone.evaluate("layoutShift") <= CLS


def work(session: CDPSession) -> float:
    """Return the milliseconds of CPU that the page's scripts, styles and layout took so far."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return 1000 * sum(one["value"] for one in metrics if one["name"] in WORK)
