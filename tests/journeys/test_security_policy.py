"""The back office and Swagger work under the Content Security Policy: no page makes a report."""

from playwright.sync_api import expect

from tests.factories import make_staff
from tests.journeys.steps import log_in


def test_the_back_office_works_under_the_policy(desktop, show):
    log_in(desktop, make_staff(is_superuser=True))

    desktop.goto("/admin/catalog/show/")
    desktop.locator("#toggle-nav-sidebar").click()
    desktop.locator("input.action-select").check()
    desktop.locator("select[name=action]").select_option("call_off_shows")
    desktop.locator("#changelist-form button[name=index]").click()
    expect(desktop.get_by_role("button", name="Call off")).to_be_visible()

    desktop.goto(f"/admin/catalog/show/{show.pk}/change/")
    desktop.locator(".select2-selection").first.click()
    desktop.locator(".select2-search__field").fill("vert")
    expect(desktop.locator(".select2-results__option", has_text="Vertigo")).to_be_visible()
    desktop.keyboard.press("Escape")
    desktop.locator(".date-icon").first.click()
    desktop.locator(".calendarbox:visible td a").nth(10).click()
    desktop.locator(".clock-icon").first.click()
    desktop.locator(".clockbox:visible li a").first.click()
    with desktop.expect_popup() as popup:
        desktop.locator(".add-related").first.click()
    popup.value.locator("#id_title").fill("Gilda")
    popup.value.locator("#id_runtime_minutes").fill("110")
    popup.value.locator("[name=_save]").click()
    expect(desktop.locator(".select2-selection").first).to_contain_text("Gilda")

    desktop.goto(f"/admin/catalog/movie/{show.movie_id}/delete/")
    expect(desktop.locator("h1").first).to_be_visible()
    desktop.goto("/admin/accounts/user/add/")
    expect(desktop.locator("form").last).to_be_visible()


def test_swagger_works_under_the_policy(desktop, show):
    desktop.set_default_timeout(30_000)  # it draws a hundred operations
    desktop.goto("/swagger/")
    desktop.locator("#operations-formats-format_list .opblock-summary-control").click()
    desktop.get_by_role("button", name="Execute").click()
    expect(desktop.locator(".live-responses-table")).to_contain_text("IMAX", timeout=30_000)
