"""What a thread knows of the request that it works on, for the log and for metrics."""

from threading import local


class Current(local):
    """The request's id, and the code of its last refusal; blank where there is none.

    Each thread has its own. Noting a refusal is one assignment, so operations may do it in a transaction.
    """

    request_id = ""
    refusal = ""


current = Current()
