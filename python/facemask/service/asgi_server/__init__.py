"""The service's parts of its ASGI server: HTTP/1.1 protocol, connection limits, load shedding, monitoring port."""
