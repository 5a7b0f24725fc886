"""Read the revision of the catalog."""

from marquee.core.sql import fetch_all


def current_revision() -> int | None:
    """Return which catalogue this is: it changes with every change. None while there is none.

    Read first, it holds for what is read afterwards, until it is another.
    """
    for (value,) in fetch_all("SELECT value FROM catalog_revision", {}):
        return int(value)
    return None
