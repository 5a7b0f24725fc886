"""JSON in and out, one module a noun: serializers for request bodies and schemas, functions for responses."""
