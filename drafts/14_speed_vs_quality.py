# %% [markdown]
# 14 · Speed against quality

**You will choose a method with numbers: seconds, memory, distance from the photo and from the painting, and
your own eyes.**

The picture of this lesson stands under *Picture first*: one photo and one painting, by five methods.

| | |
|---|---|
| You need | lessons 09 (optimisation), 11 (`report`), 12 (AdaIN, WCT, swap), 13 (a network per style) |
| Time | 50 minutes; 30 without the exercises |
| Afterwards you can | time a method fairly, put losses and seconds into one plot, read a Pareto front, and say which method a task needs |
| Uses | `stylize`, `report` |
| Adds | nothing: it compares |
# %% [markdown]
## Setup
# %%
import time
from pathlib import Path
import numpy as np
from matplotlib import pyplot as plt
import nstlib
from nstlib import check
from nstlib.plotting import show_pictures
IMAGES, OUTPUT = Path("..") / "images", Path("..") / "output"
# %% [markdown]
## Parameters

`STYLE` must be one of the paintings for which a trained network ships, since one method needs it. MiniVGG, a small student
of VGG19, paints and judges.
# %% tags=parameters
CONTENT = IMAGES / "content" / "coffee.jpg"  # the photo, any file
STYLE = "starry_night"  # a painting with a trained network: see nst stylize --help
SIZE = 224  # longer side in pixels, 160-1024
STEPS = (10, 30, 90)  # evaluations of the optimisation, in three runs, 5-500
NETWORK = "mini"  # of the optimisation: mini, or vgg19 where its weights are at hand
# %%
print("network:", NETWORK)
photo = nstlib.load_image(CONTENT, max_side=SIZE)
style = nstlib.load_image(IMAGES / "style" / f"{STYLE}.jpg", max_side=SIZE)
# %% [markdown]
## Picture first

The function below runs one method and keeps picture, seconds and report. Each method runs twice, and the second run counts: the first
one starts threads and compiles. Seconds of one run say little, since other programs disturb it; the best of several says more.
# %%
def judged(method, **options):
    """Method → picture, seconds, report; the second of two runs."""
    painting = STYLE if method == "feedforward" else style
    for _ in range(2):
        began = time.perf_counter()
        result = nstlib.stylize(photo, painting, method=method, size=SIZE, **options)
        seconds = time.perf_counter() - began
    return result.image, seconds, nstlib.report(result.image, photo, style)
# %%
found = {name: judged(name) for name in ("feedforward", "adain", "swap", "wct")}
for steps in STEPS:
    found[f"{steps} evaluations"] = judged("optimize", steps=steps, network=NETWORK)
pictures = [picture for picture, *_ in found.values()]
assert all(p.shape == photo.shape for p in pictures)
show_pictures([photo, *pictures], ["photo", *found], columns=4, width=1.9);
# %% [markdown]
**What you should see:** TODO
