"""HTTP request -> `Submission` in the queue."""
