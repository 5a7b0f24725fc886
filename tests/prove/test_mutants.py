"""Every mutant can be made of the code as it is now: if not, the proof would stop half-way."""

import pytest

from prove.checker import INVARIANTS
from prove.edits import DEADLOCKS, CodeMovedOn, Edit
from prove.mutants import mutated
from prove.mutations import MUTANTS


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_applies(mutant):
    for engine in mutant.engines:
        with mutated(mutant, engine) as code:
            for edit in (*mutant.edits, *mutant.only_on.get(engine, ())):
                file = code / "marquee" / edit.file
                compile(file.read_text(), file, "exec")


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
