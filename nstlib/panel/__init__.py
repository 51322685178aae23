"""The studio in a notebook: knobs, a preview, and a run that can be stopped.

Taught in: 00_quickstart. The painting is done in the worker's process, so the kernel
stays free. `sources` holds what was given, `painter` asks the worker, `knobs` shows the
settings, `board` puts the widgets together, and `code` writes the call.
"""

from nstlib.panel.opening import explore

__all__ = ["explore"]
