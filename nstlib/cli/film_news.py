"""What ``nst video`` says before it paints a film, and after that."""

from __future__ import annotations

from nstlib.cli.console import nearest
from nstlib.film.door import Painted, Plan
from nstlib.large.countdown import duration


def told_plan(plan: Plan) -> list[str]:
    """Say what will be done, how long it takes, and how much space it needs."""
    facts = plan.facts
    count = f"about {facts.length} frames" if facts.length else "frames"
    told = [
        f"The film has {count} of {facts.width}×{facts.height} pixels, "
        f"{float(facts.rate):.4g} a second{', and sound' if facts.sound else ''}."
    ]
    folder = f"MB in {nearest(plan.folder)} until it is done."
    if facts.length:
        told.append(
            f"Painting it takes about {duration(plan.seconds)}, and needs "
            f"{plan.bytes / 1e6:.0f} {folder}"
        )
    else:
        told.append(
            "Its length is not known, so nst cannot predict the time. Every 100 frames "
            f"need about {100 * plan.bytes / 1e6:.0f} {folder}"
        )
    if plan.kept:
        told.append(f"An earlier run has already painted {plan.kept} of the frames.")
    return told


def told_painted(painted: Painted) -> list[str]:
    """Say what was painted, and how much it flickers."""
    path, count = nearest(painted.path), painted.frames
    of = f" of about {painted.planned}" if painted.planned else ""
    whole = f" The whole film would have about {painted.planned}." if of else ""
    if painted.interrupted:
        told = (
            f"Interrupted: {path} has {count}{of} frames. "
            "Run the same command again to go on."
        )
    elif painted.problem:
        told = (
            f"The film is damaged ({painted.problem}). {path} has the {count} frames "
            f"before the damage.{whole}"
        )
    else:
        rate = count / max(painted.seconds, 1e-9)
        told = (
            f"Saved {path}: {count} frames in {duration(painted.seconds)}, "
            f"{rate:.3g} a second."
        )
    return [told, *told_flicker(painted.flicker)]


def told_flicker(errors: dict[str, float]) -> list[str]:
    """Say how much a film flickers: its warping errors, in gray levels."""
    if "film" not in errors:
        return []
    alone = errors.get("unsmoothed")
    before = f" ({alone:.3g} before smoothing)" if alone is not None else ""
    return [
        f"The painted film flickers by {errors['film']:.3g} gray levels{before}, and "
        f"the original by {errors['original']:.3g}."
    ]
