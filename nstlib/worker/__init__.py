"""A process of its own that paints, so that a server or a notebook stays free.

`tasks` says what can be asked for, `work` does it with one `nstlib.Stylizer`,
`unchecked` looks at what strangers send, `process` is the loop of the process, and
`client` starts it and talks to it.
"""

from nstlib.worker.client import Died, Worker
from nstlib.worker.tasks import Answer, Look, Paint, Part, Read, Task

__all__ = ["Answer", "Died", "Look", "Paint", "Part", "Read", "Task", "Worker"]
