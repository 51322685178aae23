"""How style transfer came about, from textures to diffusion."""

from __future__ import annotations

from drawings.card import EDGE, WIDTH, Card

Entry = tuple[int, str, str, str]
PERIODS: tuple[tuple[str, str, tuple[Entry, ...]], ...] = (
    ("Textures", "network", (
        (2000, "Texture from wavelet statistics", "Portilla & Simoncelli", ""),
        (2001, "Image quilting: patches, sewn together", "Efros & Freeman", ""),
        (2001, "Image analogies: A is to A′ as B is to B′", "Hertzmann et al.", ""),
    )),
    ("Pixels", "style", (
        (2014, "VGG, the network that judges", "Simonyan & Zisserman", "02"),
        (2015, "Texture from Gram matrices", "Gatys, Ecker & Bethge", "05"),
        (2015, "A neural algorithm of artistic style", "Gatys, Ecker & Bethge", "09"),
    )),
    ("One pass", "content", (
        (2016, "A network for one style", "Johnson et al.; Ulyanov et al.", "13"),
        (2017, "One network for many styles", "Dumoulin, Shlens & Kudlur", "13"),
        (2017, "AdaIN: match mean and deviation", "Huang & Belongie", "12"),
        (2017, "WCT: whiten, then color", "Li, Fang, Yang et al.", "12"),
        (2017, "Gram matching compares distributions", "Li, Wang, Liu & Hou", ""),
    )),
    ("Since then", "picture", (
        (2020, "Denoising diffusion", "Ho, Jain & Abbeel", ""),
        (2022, "Neural Neighbor style transfer", "Kolkin et al.", ""),
        (2022, "Latent diffusion", "Rombach et al.", ""),
    )),
)  # fmt: skip
"""Period, its colors, and its papers: year, idea, authors, lesson."""
STEP, TOP, GAP = 46, 84, 16


def history() -> Card:
    """A line of years from top to bottom."""
    entries = [entry for *_, entries in PERIODS for entry in entries]
    card = Card(
        "How style transfer came about",
        " ".join(f"{year}: {idea}, {authors}." for year, idea, authors, _ in entries),
    )
    y, x = float(TOP), 196.0
    for name, hue, papers in PERIODS:
        end = y + STEP * (len(papers) - 1)
        card.path(f"M{x} {y}V{end}", f"{hue}-line round", 4)
        card.text(EDGE, y + 5, name, f"{hue} bold", 15)
        year = 0
        for entry in papers:
            _entry(card, x, y, hue, entry, entry[0] != year)
            year, y = entry[0], y + STEP
        y += GAP
    card.height = y - GAP - STEP + 26
    return card


def _entry(card: Card, x: float, y: float, hue: str, entry: Entry, new: bool) -> None:
    """One paper; its year stands before the first of a year only."""
    year, idea, authors, lesson = entry
    if new:
        card.text(x - 18, y + 5, str(year), "ink bold", 15, "end")
    card.parts.append(f'<circle cx="{x}" cy="{y}" r="7" class="{hue}"/>')
    card.text(x + 22, y - 2, idea, "ink bold", 14.5)
    card.text(x + 22, y + 17, authors, "muted", 13.5)
    if lesson:
        card.pill(WIDTH - EDGE, y - 13, f"lesson {lesson}", hue, "end")
