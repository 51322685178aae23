"""Converting trained networks to TF-Lite files, for phones and small computers.

Taught in: 13_feed_forward. TensorFlow converts the networks. The interpreter of
`ai-edge-litert` runs the files, which small computers can install without TensorFlow.
If it is not installed, the older interpreter inside TensorFlow runs them, which
TensorFlow is going to remove.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nstlib.backend import held_back_stderr, tf
from nstlib.decoders import LEVELS, decode, load_decoder
from nstlib.errors import NetworkError, SettingsError
from nstlib.fast.level_painter import UNIT, plan_levels
from nstlib.feedforward import MULTIPLE, Parameters, transform
from nstlib.files import as_path, atomic_write, shown
from nstlib.images import Picture, as_picture
from nstlib.kinds import misplaced
from nstlib.preprocessing import BGR_MEANS
from nstlib.universal import adain
from nstlib.vgg import load_network

KINDS = ("float32", "float16", "int8")


def export_lite(
    parameters: Parameters,
    path: str | os.PathLike[str],
    height: int,
    width: int,
    kind: str = "float16",
    examples: Iterable[np.ndarray] = (),
) -> Path:
    """Convert a transformer to a TF-Lite file for pictures of one size.

    Taught in: 13_feed_forward.

    Args:
        parameters: parameters for `nstlib.feedforward.transform`.
        path: where to write the file; it should end in ``.tflite``.
        height, width: size of the pictures in pixels, multiples of 4.
        kind: the number format. ``"float16"`` stores the weights in half the bytes of
            ``"float32"``. ``"int8"`` stores them in a quarter, and also computes in
            whole numbers.
        examples: needed for "int8" only: a few photos ``(height, width, 3)``, 0–255.
            The range of values in each feature map is measured on them.

    Returns:
        The path that was written. The network in it maps float32
        ``(1, height, width, 3)``, RGB, 0–255, to the same.

    Raises:
        SettingsError: a side is not a multiple of 4, the kind is unknown, or "int8" has
            no examples, or examples of another size or of one color only.
        ImageError: an example is no picture.
        FileError: the file cannot be written.
    """
    _check_sides(height, width, MULTIPLE)

    def run(photo: tf.Tensor) -> tf.Tensor:
        return _in_rgb(lambda tensor: transform(parameters, tensor), photo)

    photos = _checked(examples, height, width) if kind == "int8" else []
    return _export(run, ("photo",), path, (height, width), kind, photos)


def export_adain_lite(
    path: str | os.PathLike[str],
    height: int,
    width: int,
    kind: str = "float16",
) -> Path:
    """Convert AdaIN, with its encoder and decoder, to a TF-Lite file.

    Taught in: 13_feed_forward. Here, "int8" rounds the weights only. AdaIN matches
    channels whose scales differ by a factor of hundreds. With one factor for all of
    them, one byte would leave nothing of the small ones. TF-Lite has no eigenvectors.
    So its last level matches the colors by AdaIN, too, where `nstlib.stylize` matches
    their covariance.

    Args:
        path, kind: as for `export_lite`.
        height, width: size of both photo and painting in pixels, multiples of 16.

    Returns:
        The path that was written. The network in it takes a photo and a painting.

    Raises:
        SettingsError: a side is not a multiple of 16, or the kind is unknown.
        NetworkError: the weights or a decoder are damaged.
        FileError: the file cannot be written.
    """
    _check_sides(height, width, UNIT)
    plan = [(level, load_decoder(name)) for level, name in plan_levels("adain", 1)]
    network = load_network("mini", LEVELS, precision="float32", border="replicate")

    def repaint(tensor: tf.Tensor, painting: tf.Tensor) -> tf.Tensor:
        for level, decoder in plan:
            encode = network.of_layers([level])
            maps = [encode(picture)[level] for picture in (tensor, painting)]
            rows = [tf.reshape(m, (-1, m.shape[-1])) for m in maps]
            tensor = decode(decoder, tf.reshape(adain(*rows), maps[0].shape), level)
        return tensor

    def run(photo: tf.Tensor, painting: tf.Tensor) -> tf.Tensor:
        return _in_rgb(repaint, photo, painting)

    names, sides = ("photo", "painting"), (height, width)
    return _export(run, names, path, sides, kind)


def _check_sides(height: int, width: int, multiple: int) -> None:
    if height % multiple or width % multiple:
        raise SettingsError(
            f"the sides are multiples of {multiple}, not {width}×{height}."
        )


def _checked(examples: Iterable[Any], height: int, width: int) -> list[Picture]:
    """Return the examples as pictures in which the ranges of maps can be measured."""
    photos = [as_picture(example) for example in examples]
    if not photos:
        raise SettingsError("int8 needs examples: a few photos of that size.")
    for photo in photos:
        if photo.shape[:2] != (height, width):
            raise SettingsError(
                f"the examples have {width}×{height} pixels, not "
                f"{photo.shape[1]}×{photo.shape[0]}: resize the photos."
            )
    # Normalization leaves 0 everywhere, and a range of no width ends Python as a whole.
    if all((photo == photo[0, 0]).all() for photo in photos):
        raise SettingsError(
            "the examples have one color each, so no range of values can be measured "
            "for int8: give photos."
        )
    return photos


def _in_rgb(network: Callable[..., tf.Tensor], *pictures: tf.Tensor) -> tf.Tensor:
    """Apply a network for preprocessed pictures to RGB, and return RGB, 0–255."""
    means = tf.constant(BGR_MEANS, tf.float32)
    made = network(*(picture[..., ::-1] - means for picture in pictures)) + means
    return tf.clip_by_value(made[..., ::-1], 0.0, 255.0)


def _export(
    run: Callable[..., tf.Tensor],
    names: Sequence[str],
    path: str | os.PathLike[str],
    sides: tuple[int, int],
    kind: str,
    examples: Sequence[np.ndarray] = (),
) -> Path:
    """Convert a function to a TF-Lite file.

    Args:
        run: a function of one or more pictures.
        names: the names of its arguments.
        path: where to write the file.
        sides: height and width of all pictures in pixels.
        kind: one of `KINDS`.
        examples: photos for "int8"; without any, only the weights are rounded.
    """
    if kind not in KINDS:
        raise SettingsError(f"kind is one of {', '.join(KINDS)}, not {kind!r}.")
    specs = [tf.TensorSpec((1, *sides, 3), tf.float32, name) for name in names]
    compiled = tf.function(run, input_signature=specs, autograph=False)
    concrete = compiled.get_concrete_function()
    with _quiet():
        converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
        if kind != "float32":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if kind == "float16":
            converter.target_spec.supported_types = [tf.float16]
        if examples:
            converter.representative_dataset = lambda: (
                [np.asarray(picture, np.float32)[None]] for picture in examples
            )
        data = converter.convert()
    return atomic_write(path, lambda file: file.write(data))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Hold back what the converter reports on stdout, on stderr and in the logs."""
    loggers = [tf.get_logger(), logging.getLogger("absl")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            held_back_stderr(),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def _interpreter() -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        warnings.filterwarnings("ignore", "(?s).*tf.lite.Interpreter is deprecated")
        return tf.lite.Interpreter
    return Interpreter


class LiteNetwork:
    """A network from a TF-Lite file, ready to run.

    Taught in: 13_feed_forward.

    Args:
        path: a file written by `export_lite` or `export_adain_lite`.
        threads: number of processor cores to use.

    Attributes:
        shape: height and width of its pictures in pixels.

    Raises:
        NetworkError: there is no such file, or it is something else.
        FileError: no file can have this name.
    """

    def __init__(self, path: str | os.PathLike[str], threads: int = 2):
        file = as_path(path)
        if not file.is_file():
            raise NetworkError(
                f"{shown(path)} does not exist: make a network for TensorFlow Lite "
                "with export_lite."
            )
        if elsewhere := misplaced(file, "lite"):
            raise NetworkError(f"{shown(path)} {elsewhere}")
        try:
            with held_back_stderr():
                self.interpreter = _interpreter()(str(file), num_threads=threads)
                self.interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            raise NetworkError(
                f"{shown(path)} is no network for TensorFlow Lite, or it is damaged: "
                "export it again."
            ) from error
        # The converter may change the order; sorted backwards, the photo comes first.
        self.inputs = sorted(
            self.interpreter.get_input_details(), key=lambda one: one["name"]
        )[::-1]
        self.output = self.interpreter.get_output_details()[0]
        self.shape = tuple(int(n) for n in self.inputs[0]["shape"][1:3])

    def __call__(self, *pictures: np.ndarray) -> np.ndarray:
        """Repaint a photo.

        Args:
            pictures: the photo, and for AdaIN the painting as well, each
                ``(height, width, 3)``, RGB, 0–255.

        Returns:
            The result, float32, of the same shape.

        Raises:
            SettingsError: the number or the size of the pictures is wrong.
        """
        if len(pictures) != len(self.inputs):
            raise SettingsError(
                f"this network takes {len(self.inputs)} pictures, not {len(pictures)}."
            )
        for one, picture in zip(self.inputs, pictures, strict=True):
            if picture.shape != (*self.shape, 3):
                raise SettingsError(
                    f"this network takes {self.shape[1]}×{self.shape[0]} pixels, not "
                    f"{picture.shape[1]}×{picture.shape[0]}: resize the picture."
                )
            tensor = np.asarray(picture, np.float32)[None]
            self.interpreter.set_tensor(one["index"], tensor)
        self.interpreter.invoke()
        made: np.ndarray = self.interpreter.get_tensor(self.output["index"])[0]
        return made
