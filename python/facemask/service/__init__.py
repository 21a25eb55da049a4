"""The HTTP service of facemask: photos in, jobs, SVGs out. Installed by the extra `facemask-contours[service]`.

Start with `jobs/runner.py` (what happens to one job) and `app.py` (how the parts are joined).
"""
