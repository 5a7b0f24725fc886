"""Give and take the roles of staff (DESIGN 9)."""

from marquee.accounts import locks
from marquee.accounts.models import StaffRole, User
from marquee.accounts.states import Role
from marquee.audit.log import Changes, record
from marquee.audit.states import Action, Subject
from marquee.core.errors import BadInput
from marquee.core.transactions import transactional

NO_LOGIN = "A guest, or an account that is closed, has no login, and so no role."
NO_CINEMA = "This cinema was removed a moment ago."


@transactional
def give_role(*, user: User, role: Role, cinema_id: int | None) -> None:
    """Give an account a role at a cinema, or at all: None. It becomes a member of staff's.

    Giving a role twice changes nothing. Refuses with BadInput for a guest or a closed account, or a cinema
    that is gone.
    """
    account = locks.lock(user)
    if account.is_guest or account.is_closed:
        raise BadInput(NO_LOGIN, field="user")
    if cinema_id is not None and not locks.keep_cinema(cinema_id):
        raise BadInput(NO_CINEMA, field="cinema")
    changes: Changes = {}
    if not account.is_staff:
        account.is_staff = True
        account.save(update_fields=["is_staff"])
        changes = {"is_staff": (False, True)}
    if not StaffRole.objects.filter(user=account, role=role, cinema=cinema_id).exists():
        StaffRole.objects.create(user=account, role=role, cinema_id=cinema_id)
        changes = {"role": (None, role), **changes}
    if changes:  # a role that an account had gives its rights again once it is staff's again
        _record(Action.ROLE_GIVEN, user, cinema_id, changes)


@transactional
def take_role(*, user: User, role: Role, cinema_id: int | None) -> None:
    """Take a role at a cinema, or at all, from an account. It stays a member of staff's."""
    locks.lock(user)
    taken, _ = StaffRole.objects.filter(user=user, role=role, cinema=cinema_id).delete()
    if taken:
        _record(Action.ROLE_TAKEN, user, cinema_id, {"role": (role, None)})


def _record(action: Action, user: User, cinema_id: int | None, changes: Changes) -> None:
    record(action, Subject.ACCOUNT, user.pk, cinema_id=cinema_id, changes=changes)
