"""The command line: ``nst``, the same as ``python -m nstlib``.

Owns options, messages and exit statuses; knows nothing about style transfer. All that
is heavy is imported inside functions, so that ``--help`` is instant. A new command is
two functions, ``options(parser)`` and ``run(args, signals) -> status``, in `COMMANDS`.

Exit status: 0 done; 1 a fault of ours; 2 bad usage or input, told in one line;
128 + n after signal n (130: Ctrl-C), the picture so far being saved.
"""

from __future__ import annotations

import argparse
import difflib
import json
import math
import os
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TextIO

from nstlib import __version__
from nstlib.download import ImageError, as_path, is_url, open_source, shown

IMAGES = Path(__file__).resolve().parent.parent / "images"
DEFAULT_CONTENT, DEFAULT_STYLE = "content/astronaut.jpg", "style/starry_night.jpg"
TERMS = ("style", "content")
REASONS = {  # what to make of the stop reasons that need a word
    "no progress": "no lower loss could be found, more steps would not help",
    "not finite": "the losses overflowed, lower the learning_rate or the weights",
}
LOADED_SIDE = 4096  # larger pictures are scaled down, unless the result is larger


class UsageError(ValueError):
    """One sentence about what was typed: what is wrong with it, and what to do."""


class Signals:
    """Makes Ctrl-C and SIGTERM raise KeyboardInterrupt, and remembers which came.

    The second is ignored: whoever finds that saving takes long presses again.
    """

    number = count = 0

    def __call__(self, number: int, _: Any) -> None:
        """Handle one signal."""
        self.number, self.count = number, self.count + 1
        if self.count != 2:
            raise KeyboardInterrupt

    def __enter__(self) -> Signals:
        """From here on; not in other threads than the main one."""
        self.before: dict[int, Any] = {}
        for number in (signal.SIGINT, signal.SIGTERM):
            # What the shell told us to ignore (nohup, &) stays ignored.
            if signal.getsignal(number) != signal.SIG_IGN:
                with suppress(ValueError):
                    self.before[number] = signal.signal(number, self)
        return self

    def __exit__(self, *_: object) -> None:
        """As it was before."""
        for number, handler in self.before.items():
            signal.signal(number, handler)


def write(stream: TextIO, text: str, end: str = "\n") -> None:
    """Print a line at once; if nobody listens any more, go on in silence."""
    try:
        print(text, end=end, file=stream, flush=True)
    except OSError:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class _Picture(NamedTuple):
    source: str | Path  # a Path: one of the course's own pictures
    weight: float = 1.0

    @property
    def name(self) -> str:
        """Without folder or host."""
        return re.split(r"[/\\]", shown(self.source).rstrip("/"))[-1]

    def __str__(self) -> str:
        """As typed, which is what is written down in the result."""
        return self.name if isinstance(self.source, Path) else shown(self.source)


def _find(text: str, kind: str) -> _Picture:
    """The picture that was typed: a path, an address, one of the course's, weighted."""
    if is_url(text) or _exists(text):
        weighted = re.fullmatch(r"(\w+://[^/]+/.+):(\d*\.?\d+)", text)  # no port
    else:
        weighted = re.fullmatch(r"(..+):(-?\d*\.?\d+)", text)  # nor the C: of a drive
    if weighted and kind == "style" and not _exists(text):
        if not 0 < float(weighted[2]) < math.inf:
            raise UsageError(f"{text}: the weight of a style is a number above 0.")
        return _find(weighted[1], kind)._replace(weight=float(weighted[2]))
    if is_url(text) or _exists(text):
        return _Picture(text)
    course = [p for p in IMAGES.glob("*/*.*") if p.suffix in (".jpg", ".png")]
    course.sort(key=lambda path: path.parent.name != kind)
    for path in course:
        if text.lower() in (path.name, path.stem):
            return _Picture(path)
    try:
        open_source(text).close()  # raises, and says why
    except ImageError as error:
        near = difflib.get_close_matches(text.lower(), [p.stem for p in course], 1)
        if "did you mean" in str(error) or not near:
            raise
        raise UsageError(f"{text} does not exist: did you mean {near[0]}?") from None
    return _Picture(text)


def _exists(text: str) -> bool:
    try:
        return as_path(text).exists()
    except OSError:  # a name that is too long
        return False


def _inputs(args: argparse.Namespace) -> tuple[_Picture, list[_Picture], Path]:
    """All that can be found out about the files before any work."""
    defaults = [IMAGES / DEFAULT_CONTENT, IMAGES / DEFAULT_STYLE]
    for given, path in zip((args.content, args.style), defaults, strict=True):
        if not given and not path.is_file():
            raise UsageError(
                f"{path} is missing, nstlib is not in a clone of the course: name a "
                "photo and a painting, as in nst stylize PHOTO PAINTING."
            )
    content = _find(args.content, "content") if args.content else _Picture(defaults[0])
    styles = [_find(text, "style") for text in args.style] or [_Picture(defaults[1])]
    pictures = [content, *styles]
    target = args.out or f"output{os.sep}"
    out = as_path(target)
    if target.endswith(("/", os.sep)) or (_exists(target) and out.is_dir()):
        stems = [re.sub(r"[?#].*|\.\w+$", "", picture.name) for picture in pictures]
        out /= re.sub(r"[^\w.-]+", "_", "-".join(stems))[:100] + ".png"
    for source in [str(picture.source) for picture in pictures]:
        if _exists(source) and _exists(str(out)) and out.samefile(as_path(source)):
            raise UsageError(f"{out} is a picture to read: choose another -o.")
    from nstlib.saving import check_writable

    check_writable(out)
    return content, styles, out


def _stylize_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("content", nargs="?", metavar="CONTENT", help="photo: file, address, or name")
    add("style", nargs="*", metavar="STYLE", help="painting; PAINTING:2 weighs double")
    add("-o", "--out", help="the result; default output/CONTENT-STYLE.png")
    add("--size", type=int, metavar="N", help="longer side in pixels, default 512")
    add("--steps", type=int, metavar="N", help="evaluations of the loss, default 220")
    add("--network", choices=("mini", "vgg19", "vgg16"), help="default mini")
    add("--recipe", metavar="NAME", help="a published system; 'list' shows them")
    add("--method", choices=("optimize",), default="optimize", help="default optimize")
    add("--seed", type=int, metavar="N", help="of the noise to start from")
    add("--progress-every", type=int, metavar="K", help="save every Kth picture too")
    setting = "any field of nstlib.Settings, as in tv_weight=3; can be repeated"
    add("--set", action="append", default=[], metavar="KEY=VALUE", help=setting)
    add("--json", action="store_true", help="print one line of JSON at the end")
    add("--quiet", action="store_true", help="print errors only")


class _Stylize:
    """The command ``stylize``, step by step: the cheapest checks come first."""

    def __init__(self, args: argparse.Namespace, signals: Signals):
        self.args, self.signals, self.began = args, signals, time.perf_counter()
        if args.recipe:
            from nstlib.recipes import RECIPES

            _check_name("recipe", args.recipe, RECIPES)
        self.content, self.styles, self.out = _inputs(args)

    def run(self) -> int:
        names = ", ".join(style.name for style in self.styles)
        task = f"Painting {self.content.name} in the style of {names}"
        self.say(f"{task}; TensorFlow is starting …")
        side = max(self.args.size or 0, LOADED_SIDE)
        photo, styles, alpha = self.load(side)
        settings = self.settings()  # seconds, because TensorFlow starts
        if settings.size > side:
            photo, styles, alpha = self.load(settings.size)
        self.announce(photo, settings)
        result = self.stylize(photo, styles, settings)
        if not result.history:
            raise KeyboardInterrupt
        saved = self.save(result, alpha)
        self.report(result, saved)
        if self.signals.number:
            return 128 + self.signals.number
        return 0 if saved == self.out else 2

    def say(self, text: str) -> None:
        if not self.args.quiet:
            write(sys.stderr if self.args.json else sys.stdout, text)

    def load(self, side: int) -> tuple[Any, list[tuple[Any, float]], Any]:
        """The photo, the styles with their weights, and the photo's opacity or None."""
        from nstlib.images import load_alpha, load_image

        photo = load_image(self.content.source, side)
        styles = [(load_image(s.source, side), s.weight) for s in self.styles]
        return photo, styles, load_alpha(self.content.source, side)

    def settings(self) -> Any:
        """Recipe, then options; options win. All problems are told at once."""
        from nstlib.settings import make_settings, parse_settings

        names = ("size", "steps", "network", "seed", "progress_every")
        options = {n: v for n in names if (v := getattr(self.args, n)) is not None}
        pairs = parse_settings(self.args.set)
        if twice := ", ".join(options.keys() & pairs.keys()):
            raise UsageError(f"{twice} is given twice, as an option and with --set.")
        options |= pairs
        return make_settings(**self.recipe(options) | options)

    def recipe(self, options: dict[str, Any]) -> dict[str, Any]:
        name = self.args.recipe
        if not name:
            return {}
        from nstlib.recipes import settings_for

        network, size = options.get("network", "mini"), options.get("size")
        recipe, notes = settings_for(name, network, size)
        if options.keys() & {"steps", "smallest", "scale_step", "coarse_to_fine"}:
            recipe.pop("steps_per_scale", None)  # these share the steps out anew
        for note in notes:
            self.say(f"{name}: {note}")
        return recipe

    def announce(self, photo: Any, settings: Any) -> None:
        from nstlib.transfer import plan_scales

        height, width = photo.shape[:2]
        plan = plan_scales(height, width, settings)
        sizes = ", ".join(f"{width}×{height}" for height, width, _ in plan)
        self.steps = sum(steps for *_, steps in plan)
        self.say(f"{sizes} pixels, {self.steps} evaluations, {settings.network}.")

    def stylize(self, photo: Any, styles: list[Any], settings: Any) -> Any:
        from nstlib.settings import make_settings
        from nstlib.transfer import stylize

        every = settings.progress_every
        # Progress pictures go to the disk as they come, none is kept in memory.
        settings = make_settings(settings, progress_every=0)
        # The download of a network reports on stdout, which may be for JSON only.
        with _Progress(self, every) as progress, redirect_stdout(sys.stderr):
            try:
                return stylize(photo, styles, settings, callback=progress)
            except Exception as error:
                if not _is_memory(error):
                    raise
                raise UsageError(
                    f"{settings.size} pixels with network {settings.network} need more "
                    f"memory than there is: try --size {settings.size // 2}."
                ) from error

    def save(self, result: Any, alpha: Any) -> Path:
        """Write the result; if that fails after all the work, write it elsewhere."""
        from nstlib.images import resize

        if alpha is not None:
            height, width = result.image.shape[:2]
            grey = alpha[..., None].repeat(3, axis=-1) * 255
            alpha = resize(grey, height, width)[..., 0] / 255
        sources = {
            "content": str(self.content),
            "styles": [str(style) for style in self.styles],
            "style_weights": [style.weight for style in self.styles],
        }
        try:
            return result.save(self.out, alpha, sources)
        except ImageError as error:
            spare = Path(tempfile.gettempdir()) / f"nst-{self.out.name}"
            saved = result.save(spare, alpha, sources)
            write(sys.stderr, f"nst: {error} It was saved as {saved}.")
            return saved

    def report(self, result: Any, saved: Path) -> None:
        seconds, path = time.perf_counter() - self.began, _nearest(saved)
        first, last = result.history[0], result.history[-1]
        if result.stop_reason != "evaluations used up":
            done = f"{result.evaluations} of {self.steps} evaluations"
            reason = REASONS.get(result.stop_reason, result.stop_reason)
            self.say(f"Stopped after {done}: {reason}.")
        falls = [f"{k} loss from {first[k]:.4g} to {last[k]:.4g}" for k in TERMS]
        self.say(f"{', '.join(falls).capitalize()}.")
        self.say(f"Saved {path} after {seconds:.1f} s. Next: nst lab, the lessons.")
        if self.args.json:
            facts = {
                "path": str(saved),
                "seconds": round(seconds, 2),
                "evaluations": result.evaluations,
                "stop_reason": result.stop_reason,
                "losses": {"first": _finite(first), "last": _finite(last)},
                "size": [result.image.shape[1], result.image.shape[0]],
                "settings": json.loads(result.settings.to_json()),
            }
            write(sys.stdout, json.dumps(facts))


class _Progress:
    """Shows the run, and saves its pictures, as the callback of `stylize`."""

    def __init__(self, job: _Stylize, every: int):
        self.job, self.every = job, every
        self.bar: Any = None
        self.folder = job.out.with_name(f"{job.out.stem}-progress")

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()

    def __call__(self, step: Any) -> bool:
        """Takes a `nstlib.transfer.Step`; ends the run if a signal went unnoticed."""
        if self.every and step.evaluation % self.every == 0:
            self.save(step)
        if not self.job.args.quiet:
            self.show(step, f"{step.size[1]}×{step.size[0]}", step.losses["total"])
        return bool(self.job.signals.number)

    def show(self, step: Any, size: str, loss: float) -> None:
        if not sys.stderr.isatty():
            tenth = max(1, step.evaluations // 10)
            if step.evaluation == 1 or step.evaluation % tenth == 0:
                done = f"{step.evaluation} of {step.evaluations}"
                write(sys.stderr, f"{done}, {size} pixels, loss {loss:.4g}")
            return
        if self.bar is None:
            from tqdm import tqdm

            self.bar = tqdm(
                total=step.evaluations,
                desc=f"{size} pixels",
                file=sys.stderr,
                leave=False,
                ncols=shutil.get_terminal_size().columns - 1,
            )
        self.bar.set_description(f"{size} pixels", refresh=False)
        self.bar.set_postfix_str(f"loss {loss:.4g}", refresh=False)
        self.bar.update()

    def save(self, step: Any) -> None:
        from nstlib.images import save_image

        try:
            save_image(step.picture(), self.folder / f"{step.evaluation:04}.png")
        except ImageError as error:  # the run is worth more
            self.every = 0
            write(sys.stderr, f"nst: no more progress pictures: {error}")


def _list_recipes() -> int:
    from nstlib.recipes import RECIPES

    for name, recipe in RECIPES.items():
        write(sys.stdout, f"{name:18} {recipe.summary}")
    return 0


def _check_name(what: str, name: str, known: Iterable[str]) -> None:
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = (
            f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}."
        )
        raise UsageError(f"there is no {what} {name!r}: {hint}")


def _finite(losses: dict[str, float]) -> dict[str, float | None]:
    """NaN is no JSON."""
    return {k: v if math.isfinite(v) else None for k, v in losses.items()}


def _nearest(path: Path) -> Path:
    """Relative to the current folder, if it is inside."""
    inside = path.is_absolute() and path.is_relative_to(Path.cwd())
    return path.relative_to(Path.cwd()) if inside else path


def _is_memory(error: BaseException) -> bool:
    # TensorFlow's own kind, by name: it may not have been imported.
    return isinstance(error, MemoryError) or (
        type(error).__name__ == "ResourceExhaustedError"
    )


def _run_stylize(args: argparse.Namespace, signals: Signals) -> int:
    return _list_recipes() if args.recipe == "list" else _Stylize(args, signals).run()


def _doctor_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one line of JSON")


def _run_doctor(args: argparse.Namespace, _: Signals) -> int:
    from nstlib.doctor import examine

    return examine(args.json)


def _lab_options(parser: argparse.ArgumentParser) -> None:
    lesson = "lesson to open: its number, name, or file"
    parser.add_argument("notebook", nargs="?", metavar="NOTEBOOK", help=lesson)


def _run_lab(args: argparse.Namespace, _: Signals) -> int:
    from nstlib.doctor import open_lab

    return open_lab(args.notebook)


class _Command(NamedTuple):
    help: str
    options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Signals], int]


COMMANDS = {
    "stylize": _Command(
        "Repaint a photo in the style of a painting.", _stylize_options, _run_stylize
    ),
    "lab": _Command("Open the lessons in JupyterLab.", _lab_options, _run_lab),
    "doctor": _Command(
        "Check whether this computer is ready.", _doctor_options, _run_doctor
    ),
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, not the whole usage."""
        raise UsageError(f"{message}; see {self.prog} --help.")


def _parse(argv: list[str]) -> tuple[_Command | None, argparse.Namespace]:
    # Only the parser that is needed is built. No subparsers, because those cannot read
    # options between CONTENT and STYLE.
    name = argv[0] if argv and not argv[0].startswith("-") else None
    if name is None:
        parser = _general_parser()
        args = parser.parse_args(argv)
        parser.print_help()
        return None, args
    _check_name("command", name, COMMANDS)
    command = COMMANDS[name]
    parser = _Parser(f"nst {name}", description=command.help, allow_abbrev=False)
    command.options(parser)
    return command, parser.parse_intermixed_args(argv[1:])


def _general_parser() -> _Parser:
    commands = [f"  {name:10} {command.help}" for name, command in COMMANDS.items()]
    parser = _Parser(
        "nst",
        usage="nst COMMAND …",
        description="Neural style transfer. nst COMMAND --help tells more.",
        epilog="\n".join(["commands:", *commands]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"nst {__version__}")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run ``nst`` with these arguments, or those of the process; the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a Windows console may not know × and …
            stream.reconfigure(errors="replace")
    with Signals() as signals, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("always", category=UserWarning, module="nstlib")
        warnings.showwarning = _show_warning
        try:
            command, args = _parse(sys.argv[1:] if argv is None else argv)
            if getattr(args, "quiet", False):
                warnings.simplefilter("ignore")
            status = command.run(args, signals) if command else 0
        except SystemExit as stop:  # argparse, after --help or --version
            status = stop.code if isinstance(stop.code, int) else 0
        except BaseException as error:
            status, text = _explain(error, signals)
            write(sys.stderr, f"nst: {' '.join(text.split())}")
            if status == 1 and os.environ.get("NSTLIB_DEBUG"):
                traceback.print_exc()
    write(sys.stdout, "", end="")  # argparse does not flush, and the pipe may be closed
    return status


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    write(sys.stderr, f"nst: note: {message}")


def _explain(error: BaseException, signals: Signals) -> tuple[int, str]:
    """Exit status, and one line that says what to do."""
    if signals.number or isinstance(error, KeyboardInterrupt):
        number = signals.number or signal.SIGINT
        return 128 + number, "interrupted before there was anything to save."
    if isinstance(error, ValueError) and type(error).__module__.startswith("nstlib."):
        return 2, str(error)  # our own kinds of ValueError are about input
    if _is_memory(error):
        return 2, "there is not enough memory: try a smaller --size."
    if isinstance(error, ImportError):
        return 1, f"a part is missing or broken ({error}): nst doctor says what to do."
    return 1, (
        f"this is a fault of nstlib, not yours ({type(error).__name__}: {error}). "
        "Please report it with your command and what it prints when the environment "
        "variable NSTLIB_DEBUG is 1."
    )
