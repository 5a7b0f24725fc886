"""What an error while sending means: give the mail up, try it later, or end the round. Pure."""

import re
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from marquee.core.log import redacted

MAX_TEXT_LENGTH = 500
PERMANENT = range(500, 600)
TEMPORARY = range(400, 500)
TOO_LARGE = 552
CLOSING = 421
# HTTP statuses of a mail provider: our key is wrong, or we are too fast.
OUR_FAULT = {401, 403, 407}
LATER = {408, 425, 429}
ADDRESS = re.compile(r"[^\s<>\"(),;:]+@[^\s<>\"'(),;]+")
# How servers write an @ within a link or another address.
WRITTEN_AT = re.compile(r"(?<=[\w.-])[%=+]40(?=\w)")
# A reply's code and its enhanced status (RFC 3463).
CODE = re.compile(r"-?\d+(?: \d\.\d{1,3}\.\d{1,3}\b)?")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a mail was not sent, and what follows."""

    text: str
    is_final: bool = False
    # The connection is no longer usable: the other mails wait for the next round.
    ends_round: bool = False
    # What the log has instead of the server's words, which may quote any part of the mail.
    code: str = ""

    @property
    def log_text(self) -> str:
        """Return why, for the log."""
        return self.code or self.text


def failure_of(error: Exception, *, address: str) -> Failure:
    """Return what an error while sending to an address means. Its text names no address."""
    failure = _failure_of(error, describe(error, address=address))
    return replace(failure, code=_code_of(error))


def _failure_of(error: Exception, text: str) -> Failure:
    code = _smtp_code(error)
    if isinstance(error, smtplib.SMTPSenderRefused):
        # Our own address is refused, so would be every mail: wait until somebody repairs that.
        return Failure(text, is_final=code == TOO_LARGE, ends_round=_ends_round(code))
    if code is not None:
        return Failure(text, is_final=code in PERMANENT, ends_round=_ends_round(code))
    if isinstance(error, smtplib.SMTPNotSupportedError):  # an address that the server cannot write
        return Failure(text, is_final=True)
    return _failure_of_provider(error, text)


def _smtp_code(error: Exception) -> int | None:
    """Return the code of the server's reply; -1 for what is no reply; None for another error."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max((code for code, _ in error.recipients.values()), default=-1)
    if type(error) is smtplib.SMTPResponseException:  # smtplib's own: the reply was too long
        return -1
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code
    return None


def _ends_round(code: int | None) -> bool:
    """Return whether the server closes the connection, or answers what is no reply."""
    return code == CLOSING or (code not in TEMPORARY and code not in PERMANENT)


def _failure_of_provider(error: Exception, text: str) -> Failure:
    """Return what an error without an SMTP reply means: of the connection, or of anymail.

    We know anymail's errors by their names and `status_code`, as it need not be installed.
    """
    names = {kind.__name__ for kind in type(error).__mro__}
    if names & {"AnymailRecipientsRefused", "AnymailInvalidAddress"}:
        return Failure(text, is_final=True)
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and status in TEMPORARY:
        return Failure(
            text, is_final=status not in OUR_FAULT | LATER, ends_round=status in OUR_FAULT | LATER
        )
    is_connection = isinstance(error, OSError) or "AnymailAPIError" in names
    return Failure(text, ends_round=is_connection)


def describe(error: Exception, *, address: str = "") -> str:
    """Return the server's words without addresses, which servers repeat; of a bug, only its type."""
    if reply := _reply(error):
        return clean(reply, address)
    if isinstance(error, OSError) or hasattr(error, "status_code"):
        return clean(f"{type(error).__name__}: {error}", address)
    return type(error).__name__


def describe_connection(error: Exception) -> str:
    """Return why the mail server cannot be used. Its words about a login may repeat the password."""
    is_login = isinstance(error, smtplib.SMTPAuthenticationError)
    return f"login refused: {_code_of(error)}" if is_login else describe(error)


def _code_of(error: Exception) -> str:
    """Return what a server's words follow: its code, or the class of a provider's error.

    Blank where it says nothing of a mail, but of our sender, or nothing at all.
    """
    if isinstance(error, smtplib.SMTPSenderRefused):
        return ""
    if reply := _reply(error):
        code = CODE.match(reply)
        return code[0] if code else type(error).__name__
    status = getattr(error, "status_code", None)
    return "" if status is None else f"{type(error).__name__} {status}"


def _reply(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} {_decode(said)}" for code, said in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_decode(error.smtp_error)}"
    return ""


def clean(text: str, address: str) -> str:
    """Return a text on one line, cut, without addresses, parts of the recipient's one, and tokens of links."""
    text = ADDRESS.sub("…@…", WRITTEN_AT.sub("@", text))
    for part in _parts(address):
        alone = rf"(?<![^\W_]){re.escape(part)}(?![^\W_])"
        text = re.sub(alone, "…", text, flags=re.IGNORECASE)
    text = redacted(text)
    return " ".join(re.sub(r"[^\x20-\x7e\xa0-\uffff]", " ", text).split())[:MAX_TEXT_LENGTH]


def _parts(address: str) -> Iterator[str]:
    """Return what a server may repeat of an address, the longest first: all, a side of it, a mailbox without its tag."""
    local, _at, domain = address.rpartition("@")
    parts = {address, local, domain, local.partition("+")[0]}
    yield from sorted(parts - {""}, key=len, reverse=True)


def _decode(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
