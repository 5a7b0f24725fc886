"""The operations of accounts. Callers outside `accounts` import them from here only.

Each owns its transaction. `networks` are the networks of the client:
`rate_limits.client_networks(request.META)`.
"""

from marquee.accounts.operations.addresses import (
    ask_for_verification,
    confirm_email_change,
    mark_verified,
    verify_email,
)
from marquee.accounts.operations.close import add_keeper, ask_to_close, delete_account
from marquee.accounts.operations.events import record_event
from marquee.accounts.operations.factor_checks import (
    check_code,
    check_login_code,
    check_passkey,
    passkey_question,
)
from marquee.accounts.operations.factors import (
    add_authenticator,
    add_passkey,
    passkey_to_make,
    remove_factor,
    renew_recovery_codes,
    reset_second_factor,
)
from marquee.accounts.operations.guests import (
    add_guest,
    discard_guest,
    guests_with_address,
    name_guest,
    provisional_guest,
)
from marquee.accounts.operations.links import (
    LIFETIMES,
    delete_expired_links,
    make_link,
    read_link,
    spend_link,
)
from marquee.accounts.operations.passwords import (
    change_password,
    change_password_in_browser,
    confirm_password,
    remove_password,
    set_password,
)
from marquee.accounts.operations.profile import Profile, change_profile
from marquee.accounts.operations.resets import (
    ask_for_reset,
    hash_for_reset,
    reset_password,
    set_hashed_password,
)
from marquee.accounts.operations.roles import give_role, take_role
from marquee.accounts.operations.sessions import (
    authenticate,
    log_in,
    log_out,
    log_out_other_browsers,
    log_out_others,
    refresh,
)
from marquee.accounts.operations.sign_up import open_account, sign_up
from marquee.accounts.operations.staff_changes import change_account
from marquee.accounts.operations.traces import erase_guests, erase_old_addresses

__all__ = [
    "LIFETIMES",
    "Profile",
    "add_authenticator",
    "add_guest",
    "add_keeper",
    "add_passkey",
    "ask_for_reset",
    "ask_for_verification",
    "ask_to_close",
    "authenticate",
    "change_account",
    "change_password",
    "change_password_in_browser",
    "change_profile",
    "check_code",
    "check_login_code",
    "check_passkey",
    "confirm_email_change",
    "confirm_password",
    "delete_account",
    "delete_expired_links",
    "discard_guest",
    "erase_guests",
    "erase_old_addresses",
    "give_role",
    "guests_with_address",
    "hash_for_reset",
    "log_in",
    "log_out",
    "log_out_other_browsers",
    "log_out_others",
    "make_link",
    "mark_verified",
    "name_guest",
    "open_account",
    "passkey_question",
    "passkey_to_make",
    "provisional_guest",
    "read_link",
    "record_event",
    "refresh",
    "remove_factor",
    "remove_password",
    "renew_recovery_codes",
    "reset_password",
    "reset_second_factor",
    "set_hashed_password",
    "set_password",
    "sign_up",
    "spend_link",
    "take_role",
    "verify_email",
]
