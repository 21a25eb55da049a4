"""What an operator sees: figures, traces, log lines. No file of this room knows a picture, a point or a label map."""
