"""The rights of staff, in one place: what each role may do, and at which cinemas (DESIGN 9).

Roles are rows: a user, a cinema or all of them, and a role. An administrator, Django's superuser, may do
everything, and nobody else sees Django's admin. Every request of staff reads the rows anew.
"""

from enum import StrEnum
from typing import Any, NamedTuple

from django.http import HttpRequest

from marquee.accounts import browser_sessions
from marquee.accounts.errors import SecondFactorRequired
from marquee.accounts.models import StaffRole, User
from marquee.accounts.second_factors import has_factor, is_demanded, is_missing, missing_sql
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


def may_enter_admin(request: HttpRequest) -> bool:
    """Return whether Django's admin is open: to administrators, whose session is verified where that counts.

    It counts for accounts that have a second factor. Those without, of which `REQUIRE_SECOND_FACTOR` demands one,
    do not enter.
    """
    user: Any = request.user
    if not is_administrator(user):
        return False
    if has_factor(user.pk):
        return browser_sessions.is_verified(request.session)
    return not is_demanded(user)


def cinemas_of(user: User, right: Right) -> Cinemas:
    """Return the cinemas at which an account has a right, by one query for staff and none for others.

    Refuses with SecondFactorRequired where the role demands a second factor, and the account has none: one
    that has some got neither tokens nor a session without it. That takes more queries.
    """
    if not (user.is_active and user.is_staff):
        return Cinemas(everywhere=False)
    if is_missing(user):
        raise SecondFactorRequired(
            "Your role needs a second factor. Log in on the website, add one at "
            "/account/second-factor/, and log in anew with a `code` of it."
        )
    if user.is_superuser:
        return Cinemas(everywhere=True)
    roles = StaffRole.objects.filter(user=user, role__in=ROLES[right])
    ids = frozenset(roles.values_list("cinema_id", flat=True))
    return Cinemas(everywhere=None in ids, ids=ids - {None})


_SELLERS = ", ".join(f"'{role}'" for role in sorted(ROLES[Right.SELL]))
_SELLS_SQL = """
    EXISTS (SELECT 1 FROM account AS seller WHERE seller.id = {user} AND seller.is_active
        AND seller.is_staff AND (seller.is_superuser OR EXISTS (
            SELECT 1 FROM staff_role AS own WHERE own.user_id = seller.id
                AND own.role IN ({sellers}) AND (own.cinema_id IS NULL OR own.cinema_id = (
                    SELECT place.cinema_id FROM show AS sold
                    JOIN auditorium AS place ON place.id = sold.auditorium_id WHERE sold.id = {show}
                ))
        ))
    ) AND NOT {missing}
"""


def sells_sql(user: str, show: str) -> str:
    """Return the condition that an account may sell at the counter of a show's cinema, by SQL for their ids.

    Where its role demands a second factor that it lacks, it is a customer like others.
    """
    return _SELLS_SQL.format(user=user, show=show, sellers=_SELLERS, missing=missing_sql(user))


def may_sell_at_counter(user_id: int, show_id: int) -> bool:
    """Return whether an account may sell at the counter of a show's cinema, by one query."""
    sql = f"SELECT 1 WHERE {sells_sql('%(user)s', '%(show)s')}"
    return bool(fetch_all(sql, {"user": user_id, "show": show_id}))
