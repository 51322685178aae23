"""Galleries: many photos in many styles with many settings, and what shows them.

`sources` finds the pictures and `plan` makes a list of jobs of them; `plan_files` reads
both from a file. `painting` is what a worker does for a job, `forecast` predicts what
all of them cost, and `manifest` remembers what became of them. `hanging` runs the jobs,
`opening` does so in one call, and `sheets` and `page` show the result.
"""

from nstlib.gallery.opening import hang
from nstlib.gallery.plan import Job, plan_jobs
from nstlib.gallery.sources import Shown, find_pictures

__all__ = ["Job", "Shown", "find_pictures", "hang", "plan_jobs"]
