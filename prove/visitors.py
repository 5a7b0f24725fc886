"""Visitors: browsers without an account, whose bookings are those of a signed cookie.

Two connections are two tabs of one browser, which share its cookies. Whose an operation is says `user`: a
negative number, made of the id in the cookie; 0 while the browser has none; the account once it is logged in.
"""

from prove.clients import (
    CONCURRENTLY,
    MANY_SEATS,
    SPREAD_CHOICES,
    Customer,
)
from prove.history import Operation, visitor_number
from prove.http_client import Response

# What visitors do, by weight.
WEIGHTS = {
    "hold_by_page": 32,
    "hold_many": 4,
    "confirm_by_page": 20,
    "cancel_by_page": 5,
    "exchange_by_page": 6,
    "extend": 6,
    "release": 5,
    "look": 9,
    "list": 4,
    "log_in": 4,
}
OWN = 0.7  # so many look at a booking of their own
WITH_PASSWORD = 0.4  # so many log in here; the others come back with the session of another tab
NEW_BROWSER = 0.25  # so many clear their cookies after a login


class Visitor(Customer):
    """One tab of a browser."""

    usual_weights = WEIGHTS

    @property
    def address(self) -> str:
        """The address that this browser gives when it books."""
        return f"visitor{self.number // 2}@example.com"

    # --- Asking ---

    def _identify(self, one: Operation) -> None:
        """Take the cookies of now, which may be others than when it was chosen, or its page opened."""
        if one.verb == "log_in":  # only who is logged out is asked to
            self.account.session = ""
            self.account.user = _number(self.account.visitor) if self.account.visitor else 0
        one.user = self.account.user
        if self.account.session and self.account.visitor:
            one.facts["visitor"] = _number(self.account.visitor)
        if one.verb == "confirm" and not self.account.session:
            one.facts["email"] = self.address

    def _hold(self) -> Operation:
        return self._hold_by_page()

    def _hold_by_page(self) -> Operation:
        if self.account.session and self.rng.random() < NEW_BROWSER:
            self._clear_cookies()
        return super()._hold_by_page()

    def _hold_many(self) -> Operation:
        """Hold seats at a show where accounts have many, and log in next: both together may be too many."""
        one = self._hold_by_page()
        one.show = self.rng.choice(self.shared.data.spread_shows[:SPREAD_CHOICES])
        labels = self.shared.data.labels[one.show]
        start = self.rng.randrange(len(labels) - MANY_SEATS + 1)
        one.ticket_requests = [[seat, "adult"] for seat in labels[start : start + MANY_SEATS]]
        return one

    def _clear_cookies(self) -> None:
        self.account.session = self.account.visitor = ""
        self.account.user = 0
        self.account.held.clear()

    def _extend(self) -> Operation:
        return self._twice(self._change("extend", self.account.held))

    def _release(self) -> Operation:
        return self._twice(self._change("release", self.account.held))

    def _twice(self, one: Operation) -> Operation:
        """Return the form of a page, that is often sent twice."""
        if not one.form:
            one.form = one.verb
            if self.rng.random() < CONCURRENTLY:
                self.account.to_resend.append(one)
        return one

    def _look(self) -> Operation:
        """Open the page of a booking: of one's own, or of somebody else's."""
        others = list(self.shared.references)
        if self.account.own_bookings and self.rng.random() < OWN:
            others = [reference for _, reference in self.account.own_bookings]
        if not others:
            return self._list()
        return self._operation("look", reference=self.rng.choice(others), form="look")

    def _list(self) -> Operation:
        return self._operation("list", form="list")

    def _log_in(self) -> Operation:
        """Log in half way: the holds move to the account, here or when one of them is confirmed."""
        if self.account.session:
            return self._confirm_by_page()
        customers = self.shared.data.people.customers
        show = self.account.held[-1][0] if self.account.held else 0
        crowded = self.shared.crowded.get(show)
        places = [place for place, one in enumerate(customers) if one[0] == crowded]
        place = places[0] if places else self.rng.randrange(len(customers))
        account, _, session = customers[place]
        if self.rng.random() < WITH_PASSWORD or not self.account.visitor:
            facts = {"account": account, "email": f"customer{place}@example.com"}
            return self._operation("log_in", form="log_in", facts=facts)
        self.account.session, self.account.user = session, account
        return self._confirm_by_page()

    # --- Hearing ---

    def on_response(self, operation: Operation, reply: Response | None) -> None:
        """Keep the cookies as a browser does, and take note of the rest."""
        if reply is not None:
            self._keep_cookies(operation, reply)
        super().on_response(operation, reply)
        if again := operation.facts.get("again"):  # an account holds what was a visitor's
            self.account.held.append((operation.show, str(again)))

    def _keep_cookies(self, operation: Operation, reply: Response) -> None:
        account = self.account
        if visitor := reply.cookies.get("visitor"):
            account.visitor = visitor
            operation.user = operation.user or _number(visitor)
            account.user = account.user if account.session else _number(visitor)
        if operation.verb == "log_in" and (session := reply.cookies.get("sessionid")):
            account.session, account.user = session, int(operation.facts["account"])


def _number(cookie: str) -> int:
    return visitor_number(cookie.partition(":")[0])
