"""Loading the weights of a network, and checking that they are the right ones.

MiniVGG ships with the package. VGG19 and VGG16 come from `keras.applications`, or from
a local file. Every network is run once on a known picture before it is used. Weight
files are truncated, replaced by error pages, or made for another convention more often
than one thinks, and the paintings would only look a little worse.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from nstlib.backend import keras
from nstlib.data import DATA, known_facts
from nstlib.errors import NetworkError
from nstlib.files import Parameters, read_arrays, shown
from nstlib.kinds import kind_of, misplaced
from nstlib.vgg_plan import layer_names, used_layers

MINI_FILE = DATA / "minivgg.npz"
TOLERANCE = 0.01  # relative error of a mean; storing in float16 stays below 0.002


def known_picture() -> np.ndarray:
    """Return a test picture that is the same on every machine.

    It has colours, edges and fine stripes, and is computed from integers only.

    Returns:
        float32 ``(48, 64, 3)``, RGB, 0–255.
    """
    row, column = np.mgrid[0:48, 0:64]
    red = (row * 5 + column * 3) % 256
    green = np.where((row // 8 + column // 8) % 2, 230, 20)
    blue = (row * column + 40 * (column % 3)) % 256
    return np.stack([red, green, blue], axis=-1).astype(np.float32)


def load_weights(network: str, path: str | os.PathLike | None = None) -> Parameters:
    """Load the weights of a network.

    Args:
        network: ``"mini"``, ``"vgg16"`` or ``"vgg19"``.
        path: an ``.npz`` or Keras ``.h5`` file, or a folder with a file whose name
            starts with the network's. If None, ``"mini"`` is read from the package; for
            VGG, the environment variable ``NSTLIB_WEIGHTS`` is used if it is set, and
            otherwise the weights are downloaded.

    Returns:
        ``"blockB_convJ/kernel"`` → float32 ``(3, 3, in, out)`` and
        ``"blockB_convJ/bias"`` → float32 ``(out,)``.

    Raises:
        NetworkError: the file is missing, damaged or for another network, or the
            download fails.
    """
    if network == "mini" and path is None:
        return _named_layers(
            read_arrays(MINI_FILE, known_facts("mini")["sha256"]), MINI_FILE
        )
    path = path or os.environ.get("NSTLIB_WEIGHTS") or None
    if path is None:
        return _download(network)
    file = find_weights(network, path)
    other = misplaced(file, "weights")
    if other and kind_of(file).name != "hdf5":
        raise NetworkError(f"{shown(file)} {other}")
    with file.open("rb") as stream:
        start = stream.read(8)
    if start.startswith(b"PK"):
        return _named_layers(read_arrays(file), file)
    if start == b"\x89HDF\r\n\x1a\n":
        return _read_hdf5(file)
    what = "a web page" if start.lstrip()[:1] == b"<" else "neither .npz nor .h5"
    raise NetworkError(
        f"{file} is {what}, not a weight file; fetch it again, or use network 'mini'."
    )


def check_local_weights(network: str, path: str | os.PathLike | None) -> None:
    """Read a local file of weights, without TensorFlow, to see that it can be used.

    Args:
        network, path: as for `load_weights`. Weights of the package, and those that
            would be downloaded, are not checked.

    Raises:
        NetworkError: the file is missing, damaged or for another network.
    """
    known = network in ("vgg16", "vgg19") and os.environ.get("NSTLIB_WEIGHTS")
    if network != "random" and (path or known):
        load_weights(network, path)


def find_weights(network: str, path: str | os.PathLike[str]) -> Path:
    """Find the file with the weights of a network.

    Args:
        network: name of the network.
        path: the file itself, or a folder that has it.

    Raises:
        NetworkError: there is no such file.
    """
    path = Path(path).expanduser()
    if path.is_dir():
        found = sorted(p for e in ("npz", "h5") for p in path.glob(f"{network}*.{e}"))
        if not found:
            raise NetworkError(f"{path} holds no {network}*.npz or {network}*.h5 file.")
        return found[0]
    if not path.is_file():
        raise NetworkError(
            f"The weight file {path} does not exist; check weights= and the "
            "environment variable NSTLIB_WEIGHTS, or use network 'mini'."
        )
    return path


def _read_hdf5(path: Path) -> Parameters:
    import h5py  # installed with Keras; slow to import

    arrays: Parameters = {}

    def visit(name: str, item: object) -> None:
        layer = re.search(r"block\d_conv\d", name)
        if layer and isinstance(item, h5py.Dataset):
            kind = "kernel" if len(item.shape) == 4 else "bias"
            arrays[f"{layer[0]}/{kind}"] = np.asarray(item, dtype=np.float32)

    try:
        with h5py.File(path) as file:
            file.visititems(visit)
    except (OSError, RuntimeError) as error:
        raise NetworkError(
            f"{path} is a damaged HDF5 file ({error}); fetch it again."
        ) from error
    return _named_layers(arrays, path)


def _named_layers(arrays: Mapping[str, np.ndarray], path: Path) -> Parameters:
    """Keep the convolutions, and check that their shapes fit together."""
    channels = 3
    found = {k: v for k, v in arrays.items() if re.match(r"block\d_conv\d/", k)}
    for layer in sorted({key.split("/")[0] for key in found}):
        kernel, bias = (
            found.get(f"{layer}/{kind}", np.empty(0)) for kind in ("kernel", "bias")
        )
        if kernel.shape[:3] != (3, 3, channels) or bias.shape != kernel.shape[3:]:
            raise NetworkError(
                f"{path} does not hold a VGG: {layer} should have a kernel of shape "
                f"(3, 3, {channels}, n) and a bias of shape (n,)."
            )
        channels = kernel.shape[3]
    broken = [key for key, value in found.items() if not np.isfinite(value).all()]
    if broken:
        raise NetworkError(
            f"{path} holds numbers that are not finite (NaN or Inf), in {broken[0]}: "
            "fetch it again."
        )
    if "block1_conv1/kernel" not in found:
        raise NetworkError(
            f"{path} holds no layer named block1_conv1; use the file of "
            "keras.applications (vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5) "
            "or an .npz with arrays such as 'block1_conv1/kernel'."
        )
    return found


def _download(network: str) -> Parameters:
    make = {"vgg16": keras.applications.VGG16, "vgg19": keras.applications.VGG19}[
        network
    ]
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(30)  # Keras sets none, and could wait for ever
    try:
        model = make(weights="imagenet", include_top=False)
    except Exception as error:  # Keras raises a bare Exception here
        raise NetworkError(
            f"The weights of {network} (about 80 MB) could not be downloaded; give a "
            "local file with weights= or the environment variable NSTLIB_WEIGHTS, or "
            "use network 'mini', which ships with nstlib."
        ) from error
    finally:
        socket.setdefaulttimeout(before)
    return {
        f"{layer.name}/{kind}": np.asarray(value)
        for layer in model.layers
        if layer.weights
        for kind, value in zip(("kernel", "bias"), layer.get_weights(), strict=True)
    }


def check_activations(network: str, means: Mapping[str, float]) -> None:
    """Compare mean activations on `known_picture` with those recorded for a network.

    Args:
        network: the network whose record to compare with. Networks without a record
            pass.
        means: layer → mean of its feature map on `known_picture`, in float32.

    Raises:
        NetworkError: the mean of a layer is off by more than one per cent.
    """
    recorded = known_facts(network).get("mean_activations", {})
    for layer, mean in means.items():
        if layer not in recorded:
            continue
        if not abs(mean - recorded[layer]) <= TOLERANCE * recorded[layer]:
            raise NetworkError(
                f"These are not the weights of {network}: on a known picture the mean "
                f"of {layer} is {mean:.4g}, not {recorded[layer]:.4g}. Fetch the "
                "weights again; other frameworks' VGG files expect other input."
            )


def random_parameters(
    network: str = "random", layers: Iterable[str] | None = None, seed: int = 0
) -> Parameters:
    """Make random, untrained weights for the architecture of a network.

    They take the time and the memory of trained weights, but need no file. The filters
    come from `random_kernel`; all biases are 0.

    Args:
        network: ``"mini"``, ``"random"``, ``"vgg16"`` or ``"vgg19"``.
        layers: full names; weights are made up to the deepest of these layers. None
            makes all.
        seed: seed of the random filters.

    Returns:
        The same names and shapes as from `load_weights`.
    """
    rng, parameters, channels = np.random.default_rng(seed), {}, 3
    widths = used_layers(network, layers or layer_names(network))
    for name, width in widths.items():
        parameters[f"{name}/kernel"] = random_kernel(rng, 3, channels, width)
        parameters[f"{name}/bias"] = np.zeros(width, np.float32)
        channels = width
    return parameters


def random_kernel(
    rng: np.random.Generator, size: int, channels: int, width: int
) -> np.ndarray:
    """Initialise the kernel of a convolution as in He et al. (2015), eq. 10.

    The values are normally distributed, with a variance of 2 / (size² · channels). So
    ReLU layers keep the scale of their input.

    Args:
        rng: the source of randomness.
        size: side of the kernel.
        channels: input channels.
        width: output channels.

    Returns:
        float32 ``(size, size, channels, width)``.
    """
    spread = np.sqrt(2 / (size * size * channels))
    kernel = rng.normal(size=(size, size, channels, width)) * spread
    return kernel.astype(np.float32)
