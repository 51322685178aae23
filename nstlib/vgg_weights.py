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

from nstlib.archives import ArrayError, Headers, Parameters, in_float32, read_arrays
from nstlib.backend import keras
from nstlib.data import DATA, known_facts
from nstlib.errors import NetworkError
from nstlib.files import as_path, shown
from nstlib.kinds import kind_of, misplaced
from nstlib.vgg_plan import VGG_WIDTHS, layer_names, used_layers

MINI_FILE = DATA / "minivgg.npz"
WIDEST = max(VGG_WIDTHS)
_CONVOLUTION = r"block[1-5]_conv[1-4]/(kernel|bias)"
TOLERANCE = 0.01  # relative error of a mean; storing in float16 stays below 0.002


def known_picture() -> np.ndarray:
    """Return a test picture that is the same on every machine.

    It has colors, edges and fine stripes, and is computed from integers only.

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
    layer_names(network)  # raises for a network that does not exist
    if network == "mini" and not path:
        return read_arrays(MINI_FILE, known_facts("mini")["sha256"])
    path = path or os.environ.get("NSTLIB_WEIGHTS")
    if not path:
        return _download(network)
    file = find_weights(network, path)
    other = misplaced(file, "weights")
    if other and kind_of(file).name != "hdf5":
        raise NetworkError(f"{shown(file)} {other}")
    with file.open("rb") as stream:
        start = stream.read(8)
    if start.startswith(b"PK"):

        def choose(headers: Headers) -> list[str]:
            return _chosen({name: found.shape for name, found in headers.items()}, file)

        return read_arrays(file, choose=choose)
    if start == b"\x89HDF\r\n\x1a\n":
        return _read_hdf5(file)
    what = "a web page" if start.lstrip()[:1] == b"<" else "neither .npz nor .h5"
    raise NetworkError(
        f"{shown(file)} is {what}, not a weight file; fetch it again, or use network "
        "'mini'."
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
    path = as_path(path)
    if path.is_dir():
        found = sorted(p for e in ("npz", "h5") for p in path.glob(f"{network}*.{e}"))
        if not found:
            raise NetworkError(
                f"{shown(path)} holds no {network}*.npz or {network}*.h5 file: give "
                "another folder, or use network 'mini'."
            )
        return found[0]
    if not path.is_file():
        raise NetworkError(
            f"The weight file {shown(path)} does not exist; check weights= and the "
            "environment variable NSTLIB_WEIGHTS, or use network 'mini'."
        )
    return path


def _read_hdf5(path: Path) -> Parameters:
    import h5py  # installed with Keras; slow to import

    datasets: dict[str, h5py.Dataset] = {}

    def visit(name: str, item: object) -> None:
        layer = re.search(r"block\d_conv\d", name)
        if layer and isinstance(item, h5py.Dataset):
            kind = "kernel" if len(item.shape or ()) == 4 else "bias"
            datasets[f"{layer[0]}/{kind}"] = item

    try:
        with h5py.File(path) as file:
            file.visititems(visit)
            names = _chosen({k: d.shape or () for k, d in datasets.items()}, path)
            return {k: in_float32(k, np.asarray(datasets[k])) for k in names}
    except NetworkError:
        raise
    except ArrayError as error:
        raise NetworkError(
            f"{shown(path)} cannot be read as weights: {error}; fetch it again."
        ) from error
    except Exception as error:  # h5py raises any type for a damaged file
        raise NetworkError(
            f"{shown(path)} is a damaged HDF5 file ({shown(str(error))}): fetch it "
            "again."
        ) from error


def _chosen(shapes: Mapping[str, tuple[int, ...]], path: Path) -> list[str]:
    """Return the names of the convolutions, after checking that their shapes fit."""
    found = [name for name in shapes if re.fullmatch(_CONVOLUTION, name)]
    channels = 3
    for layer in sorted({name.split("/")[0] for name in found}):
        kernel, bias = (shapes.get(f"{layer}/{k}", ()) for k in ("kernel", "bias"))
        width = kernel[3] if len(kernel) == 4 else 0
        fits = kernel == (3, 3, channels, width) and bias == (width,)
        if not (fits and 0 < width <= WIDEST):
            raise NetworkError(
                f"{shown(path)} does not hold a VGG: {layer} should have a kernel of "
                f"shape (3, 3, {channels}, n) and a bias of shape (n,), with n up to "
                f"{WIDEST}; fetch it again, or use network 'mini'."
            )
        channels = width
    if "block1_conv1/kernel" not in found:
        raise NetworkError(
            f"{shown(path)} holds no layer named block1_conv1; use the file of "
            "keras.applications (vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5) "
            "or an .npz with arrays such as 'block1_conv1/kernel'."
        )
    return found


def _download(network: str) -> Parameters:
    if network not in ("vgg16", "vgg19"):
        raise NetworkError(f"{network} has no weights to load: choose vgg16 or vgg19.")
    applications = keras.applications
    make = applications.VGG16 if network == "vgg16" else applications.VGG19
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(30)  # Keras sets none, and could wait forever
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
    """Initialize the kernel of a convolution as in He et al. (2015), eq. 10.

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
