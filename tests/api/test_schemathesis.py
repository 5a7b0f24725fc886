"""Schemathesis calls every operation, with valid and with invalid requests, as anybody.

No response may be a 5xx or one that the schema does not have, and no invalid request may be accepted.
`make fuzz` sends many more requests, from another seed (tests/fuzz.py).
"""

import logging
import os
from collections.abc import Iterator
from itertools import count, groupby
from random import Random
from typing import Any

import pytest
import schemathesis
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.generation.stateful.state_machine import StepOutput

from marquee.server import tuning
from marquee.server.wsgi import application
from tests.api.fuzzing import Sender, adapt, make_world, undo
from tests.api.openapi_validation import closed_schema
from tests.api.operations import schema

# A field that the schema does not have is wrong in responses, too.
SCHEMA: Any = schemathesis.openapi.from_dict(closed_schema(schema()))
SCHEMA.app = application
SCHEMA.config.update(base_url="http://localhost")
# With what invalid requests are refused. Of those that Schemathesis expects, 428 and the 5xx are missing.
REJECTED = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "422", "429"]
SCHEMA.config.checks.negative_data_rejection.expected_statuses = REJECTED
OPERATIONS = sorted((found.ok() for found in SCHEMA.get_all_operations()), key=lambda one: one.path)
RESOURCES = {
    name: list(found) for name, found in groupby(OPERATIONS, lambda one: one.path.split("/")[3])
}
# docs/security.md says why.
LEFT_OUT = {"positive_data_acceptance", "object_level_authorization"}
ALL_CHECKS = [CHECKS.get_one(name) for name in CHECKS.get_all_names() if name not in LEFT_OUT]
# In each run of the tests, on both engines together, over 2,000.
CASES = int(os.environ.get("FUZZ_CASES", "0")) or 16 * len(OPERATIONS)
SEED = os.environ.get("FUZZ_SEED", "1")
MODES = list(GenerationMode)
SETTINGS = settings(
    deadline=None, database=None, report_multiple_bugs=False, phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
SCENARIOS = settings(SETTINGS, max_examples=5, stateful_step_count=10, phases=[Phase.generate])
# The fewer operations, the more often is something made, deleted and read.
SEQUENCES = ["movies", "cinemas", "auditoriums", "formats", "price-cards", "shows|bookings|movies"]


@pytest.fixture
def sender(db: None) -> Iterator[Sender]:
    """Return what sends requests, in a world that has something for each operation to do."""
    tuning.disconnect_signals()
    logging.disable(logging.WARNING)  # a line for each 4xx
    yield Sender(make_world(), ALL_CHECKS)
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_response_conforms_to_the_schema(resource: str, sender: Sender) -> None:
    failures: list[Any] = []
    for operation in RESOURCES[resource]:
        try:
            fuzz(operation, sender, -(-CASES // len(OPERATIONS)))
        except FailureGroup as failure:
            failures.append(failure)
    if failures:
        raise BaseExceptionGroup(f"{len(failures)} operations surprise a client", failures)
    # The requests reach what they are about, valid ones and others.
    assert sender.share("positive", range(200, 400)) > 0.1
    assert sender.share("negative", range(400, 429)) > 0.1


def fuzz(operation: Any, sender: Sender, number: int) -> None:
    """Send at least so many requests to an operation: half of them systematic, if there are so many."""
    dice = Random(f"{SEED} {operation.label}")
    systematic = list(systematic_cases(operation))
    dice.shuffle(systematic)
    with sender.counting(operation.label) as sent:
        for case in systematic[: number // 2]:
            sender.send(case, dice)
        while sent.total() < number:
            send_random_cases(operation, sender, number - sent.total(), dice.getrandbits(64))


def systematic_cases(operation: Any) -> Iterator[Case[Any]]:
    """Yield a case for each way to be wrong or at a limit, and for each method that is not there."""
    generation = SCHEMA.config.generation_for(operation=operation, phase="coverage")
    cases: Iterator[Case[Any]] = SCHEMA.iter_coverage_cases(
        operation, generation_modes=MODES, generation_config=generation
    )
    return cases


def send_random_cases(operation: Any, sender: Sender, number: int, start: int) -> None:
    """Send so many random cases. Of a failure, the simplest case is reported."""
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in MODES))

    @seed(start)
    @settings(SETTINGS, max_examples=number)
    @given(cases, st.integers())
    def send(case: Case[Any], number: int) -> None:
        # Hypothesis likes some numbers, and repeats them.
        sender.send(case, Random(f"{start} {number} {case!r}"))

    send()


@pytest.mark.parametrize("status", ["200 OK", "418 I'm a teapot", "500 Internal Server Error"])
def test_a_wrong_response_is_found(
    status: str, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def respond(environ: Any, start_response: Any) -> list[bytes]:
        start_response(status, [("Content-Type", "application/json")])
        return [b"{}"]

    monkeypatch.setattr(OPERATIONS[0], "app", respond)
    with pytest.raises(FailureGroup):
        send_random_cases(OPERATIONS[0], sender, 1, 0)


@pytest.mark.parametrize("resources", SEQUENCES)
def test_sequences_of_requests_find_what_they_made_and_not_what_they_deleted(
    resources: str, sender: Sender
) -> None:
    """One request to five others follows a link, which Schemathesis infers from ids in responses."""
    machine, dice = scenarios(resources, sender), Random(f"{SEED} {resources}")
    with sender.counting(f"sequences of {resources}") as sent:
        while sent.total() < CASES // 5 // len(SEQUENCES):
            seed(dice.getrandbits(64))(machine).run(settings=SCENARIOS)


def scenarios(resources: str, sender: Sender) -> Any:
    """Return a state machine. Each of its scenarios is one actor's, and is undone."""
    numbers = count()
    included = SCHEMA.include(path_regex=f"^/api/v1/({resources})/")

    class Scenario(included.as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            self.dice = Random(f"{SEED} {next(numbers)}")
            self.actor = self.dice.choice(["administrator", "administrator", "manager", "owner"])
            self.point = transaction.savepoint()

        def teardown(self) -> None:
            undo(self.point)

        def step(self, input: Any) -> StepOutput:  # noqa: A002 (Schemathesis')
            adapt(input.case, sender.world, self.dice, path=not input.applied_parameters)
            is_about_headers = input.case.meta.is_negative_at(ParameterLocation.HEADER)
            actor = "nobody" if is_about_headers else self.actor
            response = sender.call(input.case, actor, recorder=self.recorder)
            self.recorder.record_response(case_id=input.case.id, response=response)
            return StepOutput(response, input.case)

    return Scenario
