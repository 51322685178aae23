"""MiniVGG while it learns: its variables, and how its layers are scaled."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from loop import variables_from
from shared import InputError

from nstlib.archives import read_arrays
from nstlib.backend import tf
from nstlib.vgg import feature_maps
from nstlib.vgg_plan import layer_names
from nstlib.vgg_weights import random_parameters

INPUT_SCALE = 60.0  # pixels/60 have unit spread; folded into block1_conv1 on export


def new_student(seed: int) -> dict[str, tf.Variable]:
    """He-initialized kernels and zero biases in MiniVGG's plan."""
    return variables_from(random_parameters(seed=seed))


def load_student(path: Path) -> dict[str, np.ndarray]:
    """Kernels and biases of a run, for pictures on the 0–255 scale."""
    student = parameters_of(path)
    student["block1_conv1/kernel"] /= INPUT_SCALE
    return student


def parameters_of(path: Path) -> dict[str, np.ndarray]:
    """Kernels and biases of a run, as they were trained.

    Raises:
        InputError: the file lacks some of them.
    """
    arrays = read_arrays(path)
    names = [f"{n}/{k}" for n in layer_names("mini") for k in ("kernel", "bias")]
    missing = [name for name in names if name not in arrays]
    if missing:
        raise InputError(f"{path} has no {missing[0]}: give the student.npz of a run.")
    return {name: arrays[name] for name in names}


def widen(student: Mapping[str, tf.Variable], start: Mapping[str, np.ndarray]) -> None:
    """Begin with a trained network, which may be narrower than the student.

    A channel that the narrower network lacks keeps its random kernel, and the layer
    above does not listen to it yet: at first both networks compute the same (the idea
    of Net2Net, Chen et al. 2016).

    Args:
        student: is changed.
        start: kernels and biases of the same names.
    """
    for key, variable in student.items():
        value, old = variable.numpy(), start[key]
        if old.ndim == 4:
            value[:, :, old.shape[2] :, : old.shape[3]] = 0.0
            value[:, :, : old.shape[2], : old.shape[3]] = old
        else:
            value[: len(old)] = old
        variable.assign(value)


def rescaled(
    network: Mapping[str, np.ndarray], factors: Mapping[str, float]
) -> dict[str, np.ndarray]:
    """Multiply the feature maps of each layer by a factor.

    ReLU and pooling let a positive factor through, so the next layer can take it back:
    the network computes the same, in other units.
    """
    result, before = {}, 1.0
    for name in layer_names("mini"):
        factor = factors[name]
        result[f"{name}/kernel"] = network[f"{name}/kernel"] * (factor / before)
        result[f"{name}/bias"] = network[f"{name}/bias"] * factor
        before = factor
    return result


def balance(student: Mapping[str, tf.Variable], batch: np.ndarray) -> None:
    """Give every layer unit mean square on a batch: one learning rate then fits all."""
    found = feature_maps(student, batch / INPUT_SCALE, layer_names("mini"))
    factors = {k: float(1 / np.sqrt(np.mean(v**2))) for k, v in found.items()}
    arrays = {key: value.numpy() for key, value in student.items()}
    for key, value in rescaled(arrays, factors).items():
        student[key].assign(value)
