"""Write the history of accounts: one function, for all operations of accounts."""

from marquee.accounts.models import AccountEvent, User
from marquee.accounts.states import AccountEventKind
from marquee.core.clock import DatabaseNow

# As `booking.states.ActorKind` says. `booking` is above `accounts`, so we cannot import it.
CUSTOMER, STAFF, WORKER = "customer", "staff", "worker"


def record_event(
    *,
    kind: AccountEventKind,
    user: User | None,
    email: str = "",
    language: str = "",
    staff: User | None = None,
    by: str = "",
    reason: str = "",
) -> None:
    """Add an event to an account's history, in the transaction of the change that it is about.

    `email` is the address that the event is about, and `language` that of the request. The actor is
    the customer, or a member of staff. Pass `by=WORKER` for the worker's changes, and `by=STAFF` for
    those of an operator at the command line. Only RESET_ASKED may have no user, as nobody looks the
    account up.
    """
    actor = staff or (None if by else user)
    AccountEvent.objects.create(
        user=user,
        kind=kind,
        at=DatabaseNow(),
        email=email,
        language=language,
        by=by or (STAFF if staff else CUSTOMER),
        actor=actor,
        reason=reason,
    )
