"""The HTTP service of facemask, installed by the extra `facemask-contours[service]`: photos in, jobs, SVGs out.

Start with `jobs/runner.py` (what happens to one job) and `app.py` (how the parts are joined).
"""
