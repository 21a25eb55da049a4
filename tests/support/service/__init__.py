"""The service with a fake tracer, in a thread or in processes, and readers of what it returns."""
