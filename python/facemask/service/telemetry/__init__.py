"""Metrics, traces and log lines.

No module of this folder has access to pictures, landmarks or label maps.
"""
