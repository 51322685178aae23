"""Which browsers come from which network, so that limits hold without cookies.

A cookie identifies a visitor, because a class behind one router has one address. A
visitor who drops the cookie counts as new. Therefore the number of new visitors has a
limit, and so does the number of jobs of one network in the queue.
"""

from __future__ import annotations

import ipaddress
import threading
import time

HOUR = 3600.0
PREFIX = 64
"""The bits of an IPv6 address that name its network. Hosts choose the others."""


class Networks:
    """Remembers for an hour which visitors came from which network.

    Args:
        newcomers: how many new visitors may come from one network in an hour.
    """

    def __init__(self, newcomers: int):
        self.newcomers = newcomers
        self._lock = threading.Lock()
        self._seen: dict[str, dict[str, float]] = {}

    def admit(self, owner: str, address: str | None) -> bool:
        """Note a visitor; return False if there are too many.

        Known visitors are always admitted. Visitors on this computer are also admitted,
        because an https server on it may hide all others.
        """
        network, now = network_of(address), time.monotonic()
        if not network:
            return True
        with self._lock:
            for name, then in list(self._seen.items()):
                kept = {who: at for who, at in then.items() if now - at < HOUR}
                self._seen[name] = kept
                if not kept:
                    del self._seen[name]
            here = self._seen.setdefault(network, {})
            if owner not in here and len(here) >= self.newcomers:
                return False
            here[owner] = now
            return True

    def neighbors(self, address: str | None) -> set[str]:
        """Return the visitors that came from the network of an address."""
        with self._lock:
            return set(self._seen.get(network_of(address), ()))


def network_of(address: str | None) -> str:
    """Return the network of an address; an empty text for this computer.

    Example:
        >>> network_of("192.0.2.7"), network_of("127.0.0.1")
        ('192.0.2.7', '')
        >>> network_of("2001:db8::1") == network_of("2001:db8::2")
        True
    """
    try:
        found = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return address or ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if found.is_loopback:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, PREFIX), strict=False))
    return str(found)
