"""The files that ship with the package: networks, decoders, trained styles.

`networks.json` records facts about each file, by which it can be checked.
`MODEL_CARD.md` says how the files were made.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent


def known_facts(network: str) -> dict[str, Any]:
    """Return what `networks.json` records about a network.

    Args:
        network: the name of a network, such as ``"mini"``, or ``"decoders"``.

    Returns:
        ``"mean_activations"`` on a known picture, layer → mean, and ``"sha256"`` if its
        file ships with the package. For ``"decoders"``, one entry for each decoder;
        for ``"styles"``, the mean output of each style. Empty if nothing is recorded.
    """
    facts = json.loads((DATA / "networks.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = facts.get(network, {})
    return found
