"""OpenAPI texts and examples of the links in accounts' mails."""

from marquee.accounts.errors import BadLink, TooManyAttempts, WeakPassword
from marquee.api.docs.accounts import EMAIL, PASSWORD, TAGS, example_request
from marquee.api.docs.operations import operation
from marquee.api.serializers.accounts import (
    LinkSerializer,
    ResetRequestSerializer,
    ResetSerializer,
)
from marquee.core.errors import Busy

TOKEN = "pLhHQm2hC5dS1mW8TzE0yk3Vb9JxR7uNfGa4sIoYtXc"  # noqa: S105 (an example)

verify_email = operation(
    examples=[example_request(token=TOKEN)],
    tags=TAGS,
    summary="Verify an email address",
    description=(
        "Uses up the link that was mailed when the account was opened, or asked for by "
        "`POST me/verify-email/`. A link works once, for three days, while the address stays the same."
    ),
    request=LinkSerializer,
    responses={204: None},
    refusals=(BadLink,),
)

ask_for_verification = operation(
    tags=TAGS,
    summary="Have the verification mailed again",
    description=(
        "Mails another link that verifies the caller's address. An address that is verified already "
        "gets no mail."
    ),
    request=None,
    responses={202: None},
    refusals=(TooManyAttempts,),
)

ask_for_reset = operation(
    examples=[example_request(email=EMAIL)],
    tags=TAGS,
    summary="Have a link to set a new password mailed",
    description=(
        "Mails a link to the account with this address, if there is one. The response is the same, and "
        "takes as long, whether or not there is one. The link works once, for an hour."
    ),
    request=ResetRequestSerializer,
    responses={202: None},
    refusals=(TooManyAttempts,),
)

reset_password = operation(
    examples=[example_request(token=TOKEN, password=PASSWORD + " staple")],
    tags=TAGS,
    summary="Set a new password by a link",
    description=(
        "Uses up the link, and sets the password. That proves the address, so it is verified, too. All "
        "tokens and sessions of the account end, and a change of address that was asked for is dropped. "
        "A password that is refused leaves the link as it is. Log in afterwards."
    ),
    request=ResetSerializer,
    responses={204: None},
    refusals=(BadLink, WeakPassword, Busy),
)

confirm_email_change = operation(
    examples=[example_request(token=TOKEN)],
    tags=TAGS,
    summary="Confirm another email address",
    description=(
        "Uses up the link that was mailed to the new address after `PATCH me/`, within a day. The new "
        "address is verified and the login name from now on; the old one gets a mail that says so. "
        "Tokens and sessions stay."
    ),
    request=LinkSerializer,
    responses={204: None},
    refusals=(BadLink,),
)
