"""Workers must run the version of nstlib that planned their work."""

from nstlib import __version__
from nstlib.errors import NstError


def check_version(planned: str) -> None:
    """Raise an NstError if the work was planned with another version than runs here.

    Args:
        planned: the version on the computer where the command runs.
    """
    if planned != __version__:
        raise NstError(
            f"nstlib has version {__version__} on a worker and {planned} on the "
            "computer where the command runs: install the same version everywhere."
        )
