"""A peer: DRF as textbooks have it, on Marquee's models: ORM, serializers, `select_for_update()`."""
