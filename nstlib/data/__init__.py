"""The files that ship with the package: networks, decoders, trained styles.

`networks.json` records what each of them has to be like; `MODEL_CARD.md` says how they
were made.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent


def known_facts(network: str) -> dict[str, Any]:
    """What `networks.json` records of a network: its hash and its mean activations.

    Empty for a network that is not recorded.
    """
    facts = json.loads((DATA / "networks.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = facts.get(network, {})
    return found
