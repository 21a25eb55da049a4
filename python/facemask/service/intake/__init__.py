"""From an HTTP request to a `Submission` in the queue."""
