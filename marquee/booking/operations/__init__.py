"""The operations of booking, one module each. Callers outside `booking` import them from here only.

Each operation owns its transaction, locks in one order (`locks.py`), asks the rules (`rules.py`), claims or
releases the seats (`claims.py`) and records an event. A refusal leaves everything as it was.
"""

from marquee.booking.operations.admit import admit, undo_admission
from marquee.booking.operations.block import block, unblock
from marquee.booking.operations.book import BookingResult, book
from marquee.booking.operations.call_off import call_off
from marquee.booking.operations.cancel import cancel
from marquee.booking.operations.close_account import close_account, close_own_account
from marquee.booking.operations.conditional import if_unchanged
from marquee.booking.operations.confirm import confirm
from marquee.booking.operations.erase_contacts import (
    erase_old_counter_customers,
    erase_old_guests,
)
from marquee.booking.operations.exchange import exchange
from marquee.booking.operations.expire import expire
from marquee.booking.operations.extend import extend
from marquee.booking.operations.keep_local_times import keep_local_times
from marquee.booking.operations.move_holds import MovedHolds, move_holds
from marquee.booking.operations.move_show import move_show
from marquee.booking.operations.new_plan import take_newest_plan
from marquee.booking.operations.release import release
from marquee.booking.operations.revoke_links import revoke_links
from marquee.booking.operations.use_links import (
    close_by_link,
    confirm_email_change,
    reset_password,
    verify_email,
)

__all__ = [
    "BookingResult",
    "MovedHolds",
    "admit",
    "block",
    "book",
    "call_off",
    "cancel",
    "close_account",
    "close_by_link",
    "close_own_account",
    "confirm",
    "confirm_email_change",
    "erase_old_counter_customers",
    "erase_old_guests",
    "exchange",
    "expire",
    "extend",
    "if_unchanged",
    "keep_local_times",
    "move_holds",
    "move_show",
    "release",
    "reset_password",
    "revoke_links",
    "take_newest_plan",
    "unblock",
    "undo_admission",
    "verify_email",
]
