"""OpenAPI texts and examples, one module a noun: decorators for the views in `resources/`."""
