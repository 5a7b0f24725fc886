"""Read the revision of the catalog."""

from marquee.core.sql import fetch_all


def current_revision() -> int | None:
    """Return the revision of the catalog, which changes with every change; None without a row.

    Read it before the data that you cache. Then the cached value is current while the revision is equal.
    """
    for (value,) in fetch_all("SELECT value FROM catalog_revision", {}):
        return int(value)
    return None
