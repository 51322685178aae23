"""What moves in a notebook: a picture while it grows, animations, and sliders."""

from nstlib.notebook.live import watch, watch_tensor
from nstlib.notebook.motion import play
from nstlib.notebook.sliders import explore

__all__ = ["explore", "play", "watch", "watch_tensor"]
