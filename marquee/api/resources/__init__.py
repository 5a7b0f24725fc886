"""The views, one module a noun. Their OpenAPI texts are in `docs/`, their JSON in `serializers/`."""
