"""What mails say about accounts: one function for each kind of mail."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from babel import Locale
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marquee.accounts.operations import LIFETIMES
from marquee.accounts.states import LinkPurpose
from marquee.core import locales
from marquee.mail.states import MailKind
from marquee.mail.text import Button, Text


class AccountMail(NamedTuple):
    """What a mail about an account needs: its link, if it has one, and when it happened."""

    url: str
    at: datetime
    locale: Locale

    @property
    def when(self) -> str:
        """When it happened. Accounts have no place, and so no time zone."""
        return f"{locales.format_moment(self.at.astimezone(UTC), self.locale)} (UTC)"


def site() -> str:
    """Return the host of the pages, by which customers know where their account is."""
    return urlsplit(settings.SITE_URL).netloc


def verify(mail: AccountMail) -> Text:
    """Ask whether the address is the owner's."""
    return Text(
        subject=_("Verify your address at %(site)s") % {"site": site()},
        title=_("Verify your address"),
        paragraphs=[
            _("Somebody, hopefully you, gave this address at %(site)s.") % {"site": site()},
            _("If it was you, please say so by this link."),
        ],
        button=Button(_("Verify this address"), mail.url),
        notes=[_lifetime(LinkPurpose.VERIFY), _ignore()],
    )


def reset(mail: AccountMail) -> Text:
    """Send the link by which a new password is set."""
    return Text(
        subject=_("Set a new password at %(site)s") % {"site": site()},
        title=_("Set a new password"),
        paragraphs=[
            _("Somebody, hopefully you, asked for a new password of your account at %(site)s.")
            % {"site": site()},
        ],
        button=Button(_("Set a new password"), mail.url),
        notes=[
            _lifetime(LinkPurpose.RESET),
            _("If it was not you, ignore this mail: your password stays as it is."),
        ],
    )


def confirm_change(mail: AccountMail) -> Text:
    """Ask at a new address whether it is the owner's."""
    return Text(
        subject=_("Confirm your new address at %(site)s") % {"site": site()},
        title=_("Confirm your new address"),
        paragraphs=[
            _("Somebody, hopefully you, wants to use this address for their account at %(site)s.")
            % {"site": site()},
            _("Until you confirm it, the account keeps its old address."),
        ],
        button=Button(_("Use this address"), mail.url),
        notes=[_lifetime(LinkPurpose.CHANGE_EMAIL), _ignore()],
    )


def address_in_use(mail: AccountMail) -> Text:
    """Say that somebody wanted the address for another account."""
    return Text(
        subject=_("Somebody asked for your address at %(site)s") % {"site": site()},
        title=_("Your address is in use"),
        paragraphs=[
            _("Somebody wanted to use this address for another account at %(site)s.")
            % {"site": site()},
            _("It belongs to your account, so nothing has changed."),
        ],
        notes=[
            _("If it was you: log in with this address, or choose another one."),
            _("If it was not you, you need not do anything."),
        ],
    )


def email_changed(mail: AccountMail) -> Text:
    """Say at the old address that the account has another."""
    return Text(
        subject=_("Your address at %(site)s was changed") % {"site": site()},
        title=_("Your address was changed"),
        paragraphs=[
            _("Your account at %(site)s has a new address since %(when)s.")
            % {"site": site(), "when": mail.when},
            _("Mails go there from now on, and you log in with it."),
        ],
        notes=[
            _(
                "If it was not you, somebody else has your account: ask the cinema for help at once, "
                "and change the password of your mailbox."
            )
        ],
    )


def password_changed(mail: AccountMail) -> Text:
    """Say that the password was changed, and what to do if somebody else did it."""
    return Text(
        subject=_("Your password at %(site)s was changed") % {"site": site()},
        title=_("Your password was changed"),
        paragraphs=[
            _("Your account at %(site)s has a new password since %(when)s.")
            % {"site": site(), "when": mail.when},
            _("All other devices were logged out."),
        ],
        button=Button(_("It was not me: set a new password"), mail.url),
        notes=[_("If it was you, you need not do anything.")],
    )


def password_removed(mail: AccountMail) -> Text:
    """Say that staff removed the password, so that nobody can log in or reset it."""
    return Text(
        subject=_("Your password at %(site)s was removed") % {"site": site()},
        title=_("Your password was removed"),
        paragraphs=[
            _("The cinema removed the password of your account at %(site)s: %(when)s.")
            % {"site": site(), "when": mail.when},
            _("All devices were logged out, and nobody can log in."),
        ],
        notes=[_("Ask the cinema if you need the account.")],
    )


def close(mail: AccountMail) -> Text:
    """Send the link by which a guest's data are deleted."""
    return Text(
        subject=_("Delete your data at %(site)s") % {"site": site()},
        title=_("Delete your data"),
        paragraphs=[
            _("Somebody, hopefully you, asked to delete your name and address at %(site)s.")
            % {"site": site()},
            _("The page that opens asks what becomes of your bookings."),
        ],
        button=Button(_("Delete my data"), mail.url),
        notes=[_lifetime(LinkPurpose.CLOSE), _ignore()],
    )


def factor_added(mail: AccountMail) -> Text:
    """Say that the account has another second factor, or new recovery codes."""
    return Text(
        subject=_("Your second factor at %(site)s was changed") % {"site": site()},
        title=_("Your second factor was changed"),
        paragraphs=[
            _("Your account at %(site)s has another second factor or new recovery codes: %(when)s.")
            % {"site": site(), "when": mail.when},
        ],
        button=Button(_("See my second factors"), mail.url),
        notes=[_if_not_you()],
    )


def factor_removed(mail: AccountMail) -> Text:
    """Say that a second factor was removed, by the owner or by an operator."""
    return Text(
        subject=_("A second factor at %(site)s was removed") % {"site": site()},
        title=_("A second factor was removed"),
        paragraphs=[
            _("Your account at %(site)s has a second factor less, or none any more: %(when)s.")
            % {"site": site(), "when": mail.when},
        ],
        button=Button(_("See my second factors"), mail.url),
        notes=[_if_not_you()],
    )


def wrong_codes(mail: AccountMail) -> Text:
    """Say that somebody gave the password, and then several wrong codes."""
    return Text(
        subject=_("Wrong codes for your account at %(site)s") % {"site": site()},
        title=_("Wrong codes for your account"),
        paragraphs=[
            _(
                "Somebody gave the password of your account at %(site)s, and then several wrong codes of the "
                "second factor: %(when)s."
            )
            % {"site": site(), "when": mail.when},
            _(
                "If it was not you, somebody knows your password. Only the second factor keeps them out: set a "
                "new password now, and let an administrator know."
            ),
        ],
        button=Button(_("It was not me: set a new password"), mail.url),
        notes=[
            _("If it was you, look whether the clock of your phone is right: codes depend on it."),
            _("This mail comes once a day at most."),
        ],
    )


ACCOUNT_TEXTS: Mapping[str, Callable[[AccountMail], Text]] = {
    MailKind.VERIFY: verify,
    MailKind.RESET: reset,
    MailKind.CONFIRM_CHANGE: confirm_change,
    MailKind.ADDRESS_IN_USE: address_in_use,
    MailKind.EMAIL_CHANGED: email_changed,
    MailKind.PASSWORD_CHANGED: password_changed,
    MailKind.CLOSE: close,
    MailKind.FACTOR_ADDED: factor_added,
    MailKind.FACTOR_REMOVED: factor_removed,
    MailKind.WRONG_CODES: wrong_codes,
}


def _lifetime(purpose: LinkPurpose) -> str:
    lifetime = LIFETIMES[purpose]
    hours = lifetime // timedelta(hours=1)
    if hours < 24:
        return ngettext(
            "The link works once, and for %(count)d hour.",
            "The link works once, and for %(count)d hours.",
            hours,
        ) % {"count": hours}
    return ngettext(
        "The link works once, and for %(count)d day.",
        "The link works once, and for %(count)d days.",
        lifetime.days,
    ) % {"count": lifetime.days}


def _if_not_you() -> str:
    return _(
        "If it was not you, somebody else has your account: set a new password, and ask an administrator "
        "to reset the second factor."
    )


def _ignore() -> str:
    return _("If it was not you, ignore this mail: nothing happens.")
