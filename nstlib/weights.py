"""Weight files of the networks."""


class NetworkError(ValueError):
    """A network or its weights cannot be used; says why, and what to do."""
