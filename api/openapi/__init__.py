"""The OpenAPI document: what the framework finds in the routes, completed by shapes, statuses and examples."""

from api.openapi.document import install

__all__ = ["install"]
