"""Processes that paint, so that a server, a notebook or a command stays free.

`tasks` says what can be asked for, `work` does it with one `nstlib.Stylizer`,
`unchecked` looks at what strangers send, `process` is the loop of the process, and
`client` starts it and talks to it. `crew` gives orders to several such processes,
`cluster` to the machines of a Dask cluster. `film` lets them paint a film.
"""

from nstlib.worker.client import Died, Worker
from nstlib.worker.tasks import Answer, Call, Look, Paint, Part, Read, Task

__all__ = ["Answer", "Call", "Died", "Look", "Paint", "Part", "Read", "Task", "Worker"]
