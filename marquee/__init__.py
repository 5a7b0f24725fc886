"""Marquee: an open-source cinema box office."""

__version__ = "0.1.0"
