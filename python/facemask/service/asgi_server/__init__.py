"""Our parts of the ASGI server.

HTTP/1.1 protocol, connection limits, load shedding and monitoring port.
"""
