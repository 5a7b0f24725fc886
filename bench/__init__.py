"""The benchmarks that docs/benchmarks.md reports: `make bench` runs them all."""
