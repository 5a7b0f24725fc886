"""The runner of the whole suite: what it makes of a run that was killed."""

from collections import Counter

import pytest

from tests import __main__ as runner


@pytest.mark.parametrize("code", [-9, 3])
def test_a_run_that_was_killed_or_broke_is_no_success(monkeypatch, capsys, code):
    def run(engine, arguments, **environment):
        return (code, Counter()) if engine == "postgresql" else (0, Counter(all=1))

    monkeypatch.setattr(runner, "run", run)
    monkeypatch.setattr("sys.argv", ["tests"])
    assert runner.main() > 0
    assert f"(pytest ended with code {code})" in capsys.readouterr().out
