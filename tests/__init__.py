"""The tests, and what they run on. `python -m tests` runs them on both engines."""
