"""A password hasher for tests that are not about it."""

from marquee.accounts import hashers


class QuickArgon2(hashers.Argon2):
    """Production's hasher, in a thousandth of its time and memory."""

    memory_cost = 8
    time_cost = 1
