"""Running the cells of a notebook in a kernel, which always ends with the run."""

from __future__ import annotations

import asyncio
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from nstlib.errors import CellError, UsageError, shorten


def execute(notebook: Any, lesson: Path, timeout: int | None = None) -> None:
    """Run all cells of a notebook, and store the outputs in it.

    The kernel is ended in any case: after the last cell, after an error, and if the
    caller's thread is interrupted.

    Args:
        notebook: the notebook, as nbformat reads it; its cells get their outputs.
        lesson: the file that it was read from. The cells run in its folder.
        timeout: the most seconds for one cell; None for no limit.

    Raises:
        CellError: a cell fails, takes too long, or ends Python itself. The cells before
            it have their outputs.
        UsageError: the notebook needs a kernel that is not installed.
    """
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient
    from nbclient.exceptions import (
        CellExecutionError,
        CellTimeoutError,
        DeadKernelError,
    )

    client = NotebookClient(
        notebook,
        timeout=timeout,
        resources={"metadata": {"path": str(lesson.parent)}},
        extra_arguments=["--log-level=ERROR"],  # of the kernel
        shutdown_kernel="immediate",
    )
    begun: list[str] = []  # the sources of code cells, up to the one that fails
    client.on_cell_execute = lambda cell, cell_index: begun.append(cell.source)
    try:
        _run(client)
    except NoSuchKernel as error:
        raise UsageError(
            f"{lesson.name} wants the kernel {shorten(error.name)!r}, which is not "
            "installed: open it with nst lab, and choose Python 3 as its kernel."
        ) from error
    except CellExecutionError as error:
        said = f"{error.ename}: {error.evalue}" if error.evalue else error.ename
    except CellTimeoutError:
        said = f"it takes more than {timeout} seconds"
    except DeadKernelError:
        said = "it ended Python itself"
    except RuntimeError as error:  # nbclient's, before the first cell
        if begun:
            raise
        raise UsageError(
            f"{lesson.stem}: the kernel does not start ({shorten(str(error))}): start "
            "it in nst lab, which shows what it prints."
        ) from error
    else:
        return
    said = shorten(textwrap.shorten(said, 300, placeholder=" …"), 300).rstrip(".")
    first = shorten(begun[-1].strip().splitlines()[0])
    raise CellError(
        f"{lesson.stem}, cell [{len(begun)}], which begins {first!r}: {said}."
    )


def _run(client: Any) -> None:
    """Run the client in a thread of its own.

    Signals interrupt the main thread only. So Ctrl-C never breaks off the conversation
    with the kernel in the middle: the run is cancelled, which ends the kernel.
    """
    stop = threading.Event()

    async def run() -> None:
        task = asyncio.create_task(client.async_execute())
        while not stop.is_set() and not task.done():
            await asyncio.wait([task], timeout=0.1)
        task.cancel()  # has no effect on a task that is done
        await task

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(asyncio.run, run())
        try:
            # Windows delivers Ctrl-C only between two waits.
            while wait([running], timeout=0.2).not_done:
                pass
        finally:
            stop.set()
    running.result()
