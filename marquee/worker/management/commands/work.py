"""`manage.py work`: the former name of `run_worker`, kept for deployments that use it."""

from marquee.worker.management.commands.run_worker import Command

__all__ = ["Command"]
