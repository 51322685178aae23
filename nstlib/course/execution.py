"""Running the cells of a notebook in a kernel, which always ends with the run."""

from __future__ import annotations

import asyncio
import atexit
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from nstlib.errors import CellError, UsageError, shorten


def execute(notebook: Any, lesson: Path, timeout: int | None = None) -> None:
    """Run all cells of a notebook, and store the outputs in it.

    The kernel ends in any case: after the last cell, an error, or an interruption.

    Args:
        notebook: the notebook, as nbformat reads it; its cells get their outputs.
        lesson: the file that it was read from. The cells run in its folder.
        timeout: the most seconds for one cell; None for no limit.

    Raises:
        CellError: a cell fails, takes too long, or ends Python itself. The cells before
            it have their outputs.
        UsageError: the notebook needs a kernel that is not installed, or it does not
            start.
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
        raise _no_kernel(lesson, f"{shorten(error.name)!r} is not installed") from error
    except CellExecutionError as error:
        said = f"{error.ename}: {error.evalue}" if error.evalue else error.ename
        raise _failed(lesson, begun, said) from error
    except CellTimeoutError as error:
        said = f"it takes more than {timeout} seconds"
        raise _failed(lesson, begun, said) from error
    except RuntimeError as error:  # nbclient's, if the kernel ends or does not begin
        if begun and not isinstance(error, DeadKernelError):
            raise
        if not begun:
            raise _no_kernel(lesson, shorten(str(error).rstrip("."))) from error
        raise _failed(lesson, begun, "it ended Python itself") from error


def _failed(lesson: Path, begun: list[str], said: str) -> CellError:
    said = shorten(textwrap.shorten(said, 300, placeholder=" …"), 300).rstrip(".")
    first = shorten(begun[-1].strip().splitlines()[0])
    cell = f"cell [{len(begun)}], which begins {first!r}"
    return CellError(f"{lesson.stem}, {cell}: {said}.")


def _no_kernel(lesson: Path, said: str) -> UsageError:
    return UsageError(
        f"the kernel of {lesson.name} does not start ({said}): open the notebook "
        "with nst lab, and choose Python 3 as its kernel."
    )


def _run(client: Any) -> None:
    """Run the client in a thread of its own.

    Signals interrupt the main thread only. So Ctrl-C never breaks off the conversation
    with the kernel in the middle: the run is canceled, which ends the kernel.
    """
    stop = threading.Event()

    async def run() -> None:
        task = asyncio.create_task(client.async_execute())
        while not stop.is_set() and not task.done():
            await asyncio.wait([task], timeout=0.1)
        task.cancel()  # has no effect on a task that is done
        await task

    try:
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(asyncio.run, run())
            try:
                # Windows delivers Ctrl-C only between two waits.
                while wait([running], timeout=0.2).not_done:
                    pass
            finally:
                stop.set()
        running.result()
    finally:
        # The kernel has ended by now. If it never started, nbclient would try to end it
        # again when Python ends, and fail with a traceback.
        atexit.unregister(client._cleanup_kernel)
