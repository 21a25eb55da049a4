"""HTTP/1.1 on raw sockets: messages, malformed messages, generated sequences with their oracle, servers to compare."""
