"""A trained network as a TF-Lite file, for phones and small computers.

Taught in: 13_feed_forward. TensorFlow converts the files. They are run by the
interpreter of `ai-edge-litert`, which small computers can have without TensorFlow;
where that is not installed, by the older one inside TensorFlow, which is to be removed
there.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from nstlib.feedforward import MULTIPLE, Parameters, transform
from nstlib.preprocessing import BGR_MEANS
from nstlib.quiet import tf
from nstlib.saving import atomic_write
from nstlib.settings import SettingsError

KINDS = ("float32", "float16", "int8")


def export_lite(
    parameters: Parameters,
    path: str | os.PathLike[str],
    height: int,
    width: int,
    kind: str = "float16",
    examples: Iterable[np.ndarray] = (),
) -> Path:
    """Convert a transformer for pictures of one size.

    Taught in: 13_feed_forward.

    Args:
        parameters: as for `nstlib.feedforward.transform`.
        path: ends in ``.tflite``.
        height, width: in pixels, multiples of 4.
        kind: ``"float32"``; ``"float16"``, which stores the weights in half the bytes;
            ``"int8"``, which computes in whole numbers, too.
        examples: for int8: photos ``(height, width, 3)``, 0–255, from which the ranges
            of all maps are taken; a few are enough.

    Returns:
        The path written. The network takes and gives float32 ``(1, height, width, 3)``,
        RGB, 0–255.

    Raises:
        SettingsError: a side that is no multiple of 4, an unknown kind, or int8
            without examples.
        ImageError: the path cannot be written.
    """
    if kind not in KINDS:
        raise SettingsError(f"kind is one of {', '.join(KINDS)}, not {kind!r}.")
    if height % MULTIPLE or width % MULTIPLE:
        raise SettingsError(
            f"the sides are multiples of {MULTIPLE}, not {height}×{width}."
        )
    pictures = [np.asarray(p, np.float32)[None] for p in examples]
    if kind == "int8" and not pictures:
        raise SettingsError("int8 needs examples: a few photos of that size.")
    model = tf.Module()
    model.run = tf.function(
        lambda picture: _whole(parameters, picture),
        input_signature=[tf.TensorSpec((1, height, width, 3), tf.float32)],
    )
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [model.run.get_concrete_function()], model
    )
    if kind != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if kind == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if kind == "int8":
        converter.representative_dataset = lambda: ([p] for p in pictures)
    data = _quietly(converter.convert)
    return atomic_write(path, lambda file: file.write(data))


def _whole(parameters: Parameters, picture: tf.Tensor) -> tf.Tensor:
    """RGB to RGB, clipped."""
    means = tf.constant(BGR_MEANS, tf.float32)
    made = transform(parameters, picture[..., ::-1] - means) + means
    return tf.clip_by_value(made[..., ::-1], 0.0, 255.0)


def _quietly(convert: Any) -> bytes:
    """The converter reports on both streams and in the log."""
    logger = tf.get_logger()
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            return convert()
    finally:
        logger.setLevel(before)


def _interpreter() -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        warnings.filterwarnings("ignore", "(?s).*tf.lite.Interpreter is deprecated")
        return tf.lite.Interpreter
    return Interpreter


class LiteNetwork:
    """A TF-Lite file, ready to run.

    Taught in: 13_feed_forward.

    Args:
        path: from `export_lite`.
        threads: how many processor cores it may use.

    Attributes:
        shape: height and width of the pictures that it takes.
    """

    def __init__(self, path: str | os.PathLike[str], threads: int = 2):
        self.interpreter = _interpreter()(os.fspath(path), num_threads=threads)
        self.interpreter.allocate_tensors()
        self.input = self.interpreter.get_input_details()[0]
        self.output = self.interpreter.get_output_details()[0]
        self.shape = tuple(int(n) for n in self.input["shape"][1:3])

    def __call__(self, picture: np.ndarray) -> np.ndarray:
        """A picture ``(height, width, 3)``, RGB, 0–255 → the same, repainted."""
        if picture.shape != (*self.shape, 3):
            raise SettingsError(
                f"this network takes {self.shape[0]}×{self.shape[1]} pixels, not "
                f"{picture.shape[0]}×{picture.shape[1]}: resize the picture."
            )
        tensor = np.asarray(picture, np.float32)[None]
        self.interpreter.set_tensor(self.input["index"], tensor)
        self.interpreter.invoke()
        made: np.ndarray = self.interpreter.get_tensor(self.output["index"])[0]
        return made
