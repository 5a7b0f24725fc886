"""How much is proved: in full (`make prove`), and as a sample (`make prove QUICK=1`)."""

from prove.results import Size

# Operations that customers and staff ask for, on each engine, all of them checked. Together a
# million and more: `docs/proof.md`. The two run at once: SQLite's server keeps one core busy.
OPERATIONS = {
    "sqlite": Size(full=500_000, quick=2_500),
    "postgresql": Size(full=510_000, quick=4_000),
}
# Of a round, after which its books are checked and its history forgotten.
A_ROUND = Size(full=5_000, quick=2_500)
