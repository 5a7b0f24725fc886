"""What URLs of the API and of pages may hold. `core/apps.py` registers it."""


class IdConverter:
    """An id in a URL: a positive integer that fits a bigint column."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        """Return the id."""
        return int(value)

    def to_url(self, value: int) -> str:
        """Return the id as URLs have it."""
        return str(value)
