"""The rights of staff, in one place: which model permissions each act needs.

The API asks here. The back office asks Django's admin, which needs the same permissions; a test
compares the two. Until roles exist, an administrator grants them one by one or by groups (DESIGN 9).
"""

from typing import Any

from django.db.models import Model, Q

from marquee.accounts.models import User

# What staff do with a show changes it: moving it, calling it off, another plan, blocks.
MOVE_SHOW = CALL_OFF_SHOW = TAKE_NEWEST_PLAN = BLOCK_SEATS = "catalog.change_show"
# Prices are written as a set, so that needs all three.
WRITE_PRICES = ("catalog.add_price", "catalog.change_price", "catalog.delete_price")
ADD_GENRE = "catalog.add_genre"
CHANGE_BOOKING = "booking.change_booking"  # confirm or cancel the booking of a customer
SELL_AT_COUNTER = "booking.add_booking"  # book beyond the limits and terms of customers
ADMIT = "booking.change_ticket"
VERBS = {"POST": "add", "PUT": "change", "PATCH": "change", "DELETE": "delete"}


def rights_for(method: str, model: type[Model]) -> tuple[str, ...]:
    """Return the permissions for a request about rows of a model. One of them suffices."""
    app, name = model._meta.app_label, model._meta.model_name
    verbs = (VERBS[method],) if method in VERBS else ("view", "change")
    return tuple(f"{app}.{verb}_{name}" for verb in verbs)


def has_any(user: Any, rights: tuple[str, ...]) -> bool:
    """Return whether a user is a member of staff with one of these permissions."""
    return bool(user.is_staff) and any(user.has_perm(right) for right in rights)


def has_all(user: Any, rights: tuple[str, ...]) -> bool:
    """Return whether a user is a member of staff with all these permissions."""
    return bool(user.is_staff) and bool(user.has_perms(rights))


def may_sell_at_counter(user_id: int) -> bool:
    """Return whether an account is a member of staff who may sell at the counter, by one query."""
    app, codename = SELL_AT_COUNTER.split(".")
    granted = Q(is_superuser=True)
    for path in ("user_permissions", "groups__permissions"):
        granted |= Q(**{f"{path}__codename": codename, f"{path}__content_type__app_label": app})
    return User.objects.filter(granted, pk=user_id, is_staff=True, is_active=True).exists()
