"""A backend of anymail whose provider refuses every recipient."""

from typing import Any

from anymail.backends.test import EmailBackend as TestBackend
from anymail.message import AnymailRecipientStatus


class EmailBackend(TestBackend):  # type: ignore[misc]  # ships no types
    """Refuse each recipient, as a provider does that has a complaint of them."""

    def parse_recipient_status(self, response: Any, payload: Any, message: Any) -> Any:
        """Return that each is rejected."""
        refused = AnymailRecipientStatus(message_id="1", status="rejected")
        return dict.fromkeys(payload.recipient_emails, refused)
