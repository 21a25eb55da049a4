"""HTTP service of facemask: photos in, jobs, SVGs out.

The extra `facemask-contours[service]` installs it. Start with `jobs/runner.py` (what happens to one job) and `app.py`
(how the parts are joined).
"""
