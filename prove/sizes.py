"""How much is proved: in full (`make prove`), and as a sample (`make prove QUICK=1`)."""

from prove.findings import Size

# Operations that customers and staff ask for, on each engine, all of them checked. Together a
# million and more: `docs/proof.md`. SQLite has one writer at a time, so it takes longer.
OPERATIONS = {
    "sqlite": Size(full=250_000, quick=2_500),
    "postgresql": Size(full=770_000, quick=5_000),
}
# Of a round, after which its books are checked and its history forgotten.
A_ROUND = Size(full=20_000, quick=2_500)
