"""The HTTP API: routes, middleware, responses and the OpenAPI document."""
