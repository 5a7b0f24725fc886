"""The proof that no seat is sold twice and no acknowledged booking is lost: docs/proof.md."""
