"""Every mutant can be made of the code as it is now: if not, the proof would stop half-way."""

import pytest

from prove.checker import INVARIANTS
from prove.edits import DEADLOCKS, CodeMovedOn, Edit
from prove.mutations import MUTANTS
from tests.server import ROOT


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_applies(mutant, tmp_path):
    for engine in mutant.engines:
        files = {edit.file for edit in (*mutant.edits, *mutant.only_on.get(engine, ()))}
        copies = {tmp_path / "marquee" / file: ROOT / "marquee" / file for file in files}
        for copy, file in copies.items():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(file.read_text())
        mutant.apply(tmp_path, engine)
        for copy in copies:
            compile(copy.read_text(), copy, "exec")


def test_an_edit_of_code_that_has_moved_on_says_so(tmp_path):
    (tmp_path / "marquee").mkdir()
    (tmp_path / "marquee" / "one.py").write_text("a a")
    with pytest.raises(CodeMovedOn, match="2 times"):
        Edit("one.py", "a", "b").apply(tmp_path)


def test_mutants_are_caught_by_invariants_that_there_are():
    names = {invariant.name for invariant in INVARIANTS} | {DEADLOCKS}
    assert {name for mutant in MUTANTS for name in mutant.caught_by} <= names


def test_there_are_enough_of_them_each_with_a_name_of_its_own():
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 45
