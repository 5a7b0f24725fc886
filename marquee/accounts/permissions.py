"""The rights of staff, in one place: what each role may do, and at which cinemas (DESIGN 9).

Roles are rows: a user, a cinema or all of them, and a role. An administrator, Django's superuser, may do
everything, and nobody else sees Django's admin. Every request of staff reads the rows anew.
"""

from enum import StrEnum
from typing import Any, NamedTuple

from marquee.accounts.models import StaffRole, User
from marquee.accounts.states import Role
from marquee.core.sql import fetch_all


class Audience(StrEnum):
    """Whom an operation or a page is for: docs/permissions.md is a table of them."""

    ANYONE = "anyone"
    ACCOUNT = "account"  # whoever is logged in, for what is theirs
    OWNER = "owner"  # of the booking that the URL names; for all others it does not exist
    STAFF = "staff"


class Where(StrEnum):
    """At which cinemas an operation needs its role."""

    OWN = "own"  # those of the row, and those that its new values name
    ALL = "all"
    ANY = "any"


class Right(StrEnum):
    """What a role gives the right to."""

    SELL = "sell"
    MANAGE = "manage"


ROLES: dict[Right, frozenset[Role]] = {
    Right.SELL: frozenset({Role.COUNTER, Role.MANAGER}),
    Right.MANAGE: frozenset({Role.MANAGER}),
}


class Cinemas(NamedTuple):
    """The cinemas at which somebody has a right: all, or those of these ids."""

    everywhere: bool
    ids: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        """Whether there is any."""
        return self.everywhere or bool(self.ids)

    def cover(self, cinema_id: int | None) -> bool:
        """Return whether a cinema is among them; None stands for what belongs to all cinemas."""
        return self.everywhere or cinema_id in self.ids


def is_administrator(user: Any) -> bool:
    """Return whether a user, logged in or anonymous, may do everything."""
    return bool(user.is_active and user.is_staff and user.is_superuser)


def cinemas_of(user: User, right: Right) -> Cinemas:
    """Return the cinemas at which an account has a right, by one query for staff and none for others."""
    if not (user.is_active and user.is_staff):
        return Cinemas(everywhere=False)
    if user.is_superuser:
        return Cinemas(everywhere=True)
    roles = StaffRole.objects.filter(user=user, role__in=ROLES[right])
    ids = frozenset(roles.values_list("cinema_id", flat=True))
    return Cinemas(everywhere=None in ids, ids=ids - {None})


MAY_SELL_SQL = """
    SELECT 1 FROM account WHERE id = %(user)s AND is_active AND is_staff AND (
        is_superuser OR EXISTS (
            SELECT 1 FROM staff_role WHERE user_id = %(user)s AND role IN ('counter', 'manager')
                AND (cinema_id IS NULL OR cinema_id = (
                    SELECT auditorium.cinema_id FROM show
                    JOIN auditorium ON auditorium.id = show.auditorium_id WHERE show.id = %(show)s
                ))
        )
    )
"""


def may_sell_at_counter(user_id: int, show_id: int) -> bool:
    """Return whether an account may sell at the counter of a show's cinema, by one query."""
    return bool(fetch_all(MAY_SELL_SQL, {"user": user_id, "show": show_id}))
