"""What staff do in between: they call shows off, sell at the counter, and take each other's roles.

Each does so many things in a round, evenly spread, and some of them at once. Who may do what changes
meanwhile: an administrator takes roles away and gives them back.
"""

import random
from collections import deque
from datetime import timedelta
from typing import Any

from prove import api_requests, http_client, pages
from prove.clients import OperationBudget, SharedState
from prove.history import Operation
from prove.http_client import Response


class StaffSchedule:
    """What staff do when: each so many times in a run, evenly spread, some of it all at once."""

    CONCURRENTLY = {"call_off": 2, "schedule": 3, "move": 2, "refund": 2, "rename": 2}

    def __init__(self, total: int, **times: int) -> None:
        # The last one is due first: when so few operations are left.
        self.due = sorted(
            (total - int(total * (n + 0.5) / count), verb, n)
            for verb, count in times.items()
            for n in range(count)
            for _ in range(self.CONCURRENTLY.get(verb, 1))
        )

    def next(self, budget: OperationBudget) -> tuple[str, int] | None:
        """Return what is due now, and the how manieth it is."""
        if self.due and budget.left <= self.due[-1][0]:
            return self.due.pop()[1:]
        return None


class Staff:
    """One connection of staff: calls shows off, blocks seats, moves a show, schedules shows in one auditorium."""

    def __init__(
        self, number: int, shared: SharedState, rng: random.Random, schedule: StaffSchedule
    ) -> None:
        self.number, self.shared, self.rng, self.schedule = number, shared, rng, schedule
        self.user, self.token, _ = shared.data.people.staff
        self.blocked: deque[tuple[int, list[list[str]]]] = deque()

    def next_request(self) -> tuple[Operation, bytes] | None:
        """Return what staff do next, if it is time for something."""
        due = self.schedule.next(self.shared.budget)
        if due is None or not self.shared.budget.take():
            return None
        verb, number = due
        if verb == "schedule":
            return self._schedule(number)
        if verb == "move":
            return self._move(number)
        one = getattr(self, f"_{verb}")()
        return one, api_requests.of_staff(one, self.token)

    def on_response(self, operation: Operation, reply: Response | None) -> None:
        """Take note of what the response says."""
        if reply is not None:
            api_requests.note(operation, reply)
        if operation.verb == "call_off" and operation.is_accepted:
            self.shared.called_off.add(operation.show)
        if operation.verb == "block" and not operation.is_refused:
            self.blocked.append((operation.show, operation.ticket_requests))

    def _operation(self, verb: str, **what: Any) -> Operation:
        return Operation(self.number, self.user, verb, **what)

    def _call_off(self) -> Operation:
        """Call off the show that sells best; the last one stays, so it is only called off again."""
        on = [show for show in self.shared.data.hot_shows if show not in self.shared.called_off]
        return self._operation(
            "call_off", show=on[0] if len(on) > 1 else self.shared.data.hot_shows[0]
        )

    def _block(self) -> Operation:
        show = self.shared.pick_show(self.rng)
        seats = self.rng.sample(self.shared.data.labels[show], 2)
        return self._operation("block", show=show, ticket_requests=[[seat, ""] for seat in seats])

    def _unblock(self) -> Operation:
        if not self.blocked:
            return self._block()
        show, ticket_requests = self.blocked.popleft()
        return self._operation("unblock", show=show, ticket_requests=ticket_requests)

    def _schedule(self, number: int) -> tuple[Operation, bytes]:
        """Schedule a show in an auditorium where others are being scheduled for about then."""
        data = self.shared.data
        later = timedelta(days=1 + number, minutes=self.rng.randrange(60))
        starts_at = (data.opened_at + later).isoformat()
        one = self._operation("schedule", facts={"starts_at": starts_at})
        what = {
            "movie": data.movie,
            "auditorium": data.contested_auditorium,
            "price_card": data.card,
        }
        return one, http_client.request("POST", "shows/", self.token, what | one.facts)

    def _move(self, number: int) -> tuple[Operation, bytes]:
        """Move the show that nobody books, to another day each time; colleagues move it there, too."""
        data = self.shared.data
        starts_at = (data.opened_at + timedelta(days=30 + number)).isoformat()
        one = self._operation("move", show=data.moving_show, facts={"starts_at": starts_at})
        return one, api_requests.of_staff(one, self.token)


class SellerState:
    """What the connections of one seller know together: what to do when, and what was sold."""

    def __init__(self, who: tuple[int, str, str], schedule: StaffSchedule) -> None:
        self.user, self.token, _ = who
        self.schedule = schedule
        self.sales: list[tuple[int, str]] = []


class Seller:
    """One connection of a seller, who may be without a role: sells, gives sales back, renames a price card."""

    def __init__(
        self, number: int, account: SellerState, shared: SharedState, rng: random.Random
    ) -> None:
        self.number, self.account, self.shared, self.rng = number, account, shared, rng

    def next_request(self) -> tuple[Operation, bytes] | None:
        """Return what the seller does next, if it is time for something."""
        due = self.account.schedule.next(self.shared.budget)
        if due is None or not self.shared.budget.take():
            return None
        verb, number = due
        one = self._refund(number) if verb == "refund" else None
        one = one or (self._rename(number) if verb == "rename" else self._sell())
        return one, api_requests.of_staff(one, self.account.token)

    def on_response(self, operation: Operation, reply: Response | None) -> None:
        """Take note of what the response says."""
        if reply is None:
            return
        api_requests.note(operation, reply)
        if operation.verb == "sell" and operation.is_accepted:
            self.account.sales.append((operation.show, str(operation.facts["reference"])))

    def _operation(self, verb: str, **what: Any) -> Operation:
        return Operation(self.number, self.account.user, verb, **what)

    def _sell(self) -> Operation:
        data = self.shared.data
        show = self.rng.choice(data.spread_shows + data.hot_shows[-2:])
        return self._operation("sell", show=show, ticket_requests=[["", "adult"]])

    def _refund(self, number: int) -> Operation | None:
        """Cancel a sale, as the other connection does at once; None if there is none."""
        if not self.account.sales:
            return None
        show, reference = self.account.sales[number % len(self.account.sales)]
        return self._operation("cancel", show=show, reference=reference)

    def _rename(self, number: int) -> Operation:
        """Give a price card a name that it never had; the other connection gives it the same."""
        facts = {"card": self.shared.data.spare_card, "name": f"{self.account.user} {number}"}
        return self._operation("rename", facts=facts)


class Administrator:
    """Takes roles from sellers who work, and gives them back, on the pages of Django's admin."""

    def __init__(
        self, number: int, shared: SharedState, rng: random.Random, schedule: StaffSchedule
    ) -> None:
        self.number, self.shared, self.rng, self.schedule = number, shared, rng, schedule
        self.people = shared.data.people
        self.change: Operation | None = None

    def next_request(self) -> tuple[Operation, bytes] | None:
        """Return the page of a seller, and next its form."""
        if self.change and self.change.verb:
            one, self.change = self.change, None
            return one, pages.change_role(one, self.people.cookies)
        if self.schedule.next(self.shared.budget) is None or not self.shared.budget.take():
            return None
        place = self.rng.randrange(len(self.people.sellers) - 1)
        seller = self.people.sellers[place][0]
        facts = {
            "account": seller,
            "email": f"seller{place}@example.com",
            "name": f"Seller {place}",
        }
        self.change = self._operation("", facts=facts)
        page = self._operation("page")
        return page, pages.get(pages.account_page(seller), self.people.cookies)

    def on_response(self, operation: Operation, reply: Response | None) -> None:
        """Decide by the page what to change. A form that is shown again did nothing."""
        if reply is None:
            self.change = None
        elif operation.verb == "page" and self.change:
            role = pages.role_of(reply)
            self.change.verb = "take_role" if role else "give_role"
            self.change.facts["role"] = role
        elif reply.status < 400:
            operation.status = 200 if reply.status == 302 else 409

    def _operation(self, verb: str, **what: Any) -> Operation:
        return Operation(self.number, self.people.staff[0], verb, **what)
