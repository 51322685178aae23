"""Runs one lesson with mistakes put into the package: `python mutants.py LESSON`.

Each mutant replaces one piece of the source. The lesson's cells run one after the other,
as in Jupyter, until one raises, or prints something else than what is stored. Prints
JSON: what each mutant was caught by, null if by nothing.
"""
# ruff: noqa: E501 - the replaced source stands as it is

import contextlib
import importlib
import importlib.abc
import importlib.util
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt

ROOT = Path(__file__).resolve().parents[2]
IGNORED = {"nbval-ignore-output", "nbval-skip", "exercise"}


class Mutant(NamedTuple):
    """One mistake: in which module, what is replaced by what."""

    mistake: str
    module: str
    old: str
    new: str


MUTANTS = {
    "01_preprocessing": [
        Mutant(
            "means swapped",
            "preprocessing",
            "103.939, 116.779, 123.68",
            "123.68, 116.779, 103.939",
        ),
        Mutant(
            "RGB left as it is",
            "preprocessing",
            "(picture[..., ::-1] - BGR_MEANS)",
            "(picture - BGR_MEANS)",
        ),
        Mutant(
            "not clipped",
            "preprocessing",
            "np.clip((tensor + BGR_MEANS)[..., ::-1], 0.0, 255.0)",
            "(tensor + BGR_MEANS)[..., ::-1]",
        ),
    ],
    "02_feature_maps": [
        Mutant(
            "no ReLU",
            "vgg",
            "x = tf.nn.relu(tf.nn.bias_add(x, tf.cast(bias, x.dtype)))",
            "x = tf.nn.bias_add(x, tf.cast(bias, x.dtype))",
        ),
        Mutant(
            "average for maximum",
            "vgg",
            '"max": tf.nn.max_pool2d',
            '"max": tf.nn.avg_pool2d',
        ),
        Mutant(
            "pooling forgotten in the receptive field",
            "vgg",
            'size += stride(f"block{block}_conv1")',
            "size += 0",
        ),
    ],
    "03_content_loss": [
        Mutant(
            "half forgotten", "losses", '0.5 if convention == "gatys" else 1.0', "1.0"
        ),
        Mutant(
            "divided by the wrong picture",
            "losses",
            "tf.reduce_mean(tf.square(target)) + TINY",
            "tf.reduce_mean(tf.square(features)) + TINY",
        ),
        Mutant(
            "absolute for square",
            "losses",
            "squares = tf.square(features - target)",
            "squares = tf.abs(features - target)",
        ),
    ],
    "04_gram_matrices": [
        Mutant(
            "each channel only with itself",
            "losses",
            "tf.matmul(vectors, vectors, transpose_a=True)",
            "tf.linalg.diag(tf.reduce_sum(vectors * vectors, axis=0))",
        ),
        Mutant(
            "channels shuffled",
            "losses",
            "tf.matmul(vectors, vectors, transpose_a=True)",
            "tf.matmul(vectors, vectors[:, ::-1], transpose_a=True)",
        ),
        Mutant(
            "Gram divided by N",
            "losses",
            "return tf.matmul(vectors, vectors, transpose_a=True)\n\n\n@tf.custom_gradient",
            "return tf.matmul(vectors, vectors, transpose_a=True) / positions(features)\n\n\n@tf.custom_gradient",
        ),
    ],
    "05_style_loss": [
        Mutant(
            "quarter forgotten",
            "losses",
            "distance / (4.0 * channels**2)",
            "distance / channels**2",
        ),
        Mutant("C² for C⁴", "losses", "float(channels) ** 4", "float(channels) ** 2"),
        Mutant(
            "not divided by N",
            "losses",
            "here = gram_matrix(features) / count",
            "here = gram_matrix(features)",
        ),
        Mutant(
            "the picture's N for the style's",
            "losses",
            "goal /= count if target_positions is None else target_positions",
            "goal /= count",
        ),
    ],
    "06_total_variation": [
        Mutant(
            "sign",
            "losses",
            "return reduce(tf.square(down)) + reduce(tf.square(right))",
            "return -reduce(tf.square(down)) - reduce(tf.square(right))",
        ),
        Mutant(
            "one direction only",
            "losses",
            "return reduce(tf.abs(down)) + reduce(tf.abs(right))",
            "return reduce(tf.abs(down))",
        ),
        Mutant(
            "channels for columns",
            "losses",
            "tensor[..., :, 1:, :] - tensor[..., :, :-1, :]",
            "tensor[..., :, 1:] - tensor[..., :, :-1]",
        ),
    ],
    "07_optimizing_pixels": [
        Mutant(
            "style weight ignored",
            "objective",
            "style *= settings.style_weight",
            "style *= 1.0",
        ),
        Mutant(
            "TV subtracted",
            "objective",
            "[content + style + variation, content",
            "[content + style - variation, content",
        ),
        Mutant(
            "gradient of the content alone",
            "objective",
            "tf.one_hot(0, len(TERMS))",
            "tf.one_hot(1, len(TERMS))",
        ),
        Mutant(
            "gradient uphill",
            "descent",
            "gradient * gradient_scale",
            "-gradient * gradient_scale",
        ),
    ],
    "08_lbfgs": [
        Mutant(
            "a pair is dropped",
            "lbfgs",
            "for s, y, rho in reversed(history):",
            "for s, y, rho in reversed(history[1:]):",
        ),
        Mutant(
            "second loop reversed",
            "lbfgs",
            "zip(history, reversed(alphas), strict=True)",
            "zip(reversed(history), alphas, strict=True)",
        ),
        Mutant("scale forgotten", "lbfgs", "r = q / (rho * dot(y, y))", "r = q"),
        Mutant(
            "anything goes",
            "line_search",
            "if low and abs(trial.slope) <= c2 * abs(start.slope):",
            "if True:",
        ),
        Mutant(
            "the minimum is sought on the wrong side",
            "line_search",
            "return trial, near  #",
            "return trial, far  #",
        ),
        Mutant(
            "bad curvature is kept",
            "lbfgs",
            "if 0.01 * abs(found.step * start.slope) < curvature < math.inf:",
            "if True:",
        ),
    ],
    "09_style_transfer": [
        Mutant(
            "targets of the wrong picture",
            "objective",
            "return {name: maps[name] for name in self.settings.content_layers}",
            "return {name: 0 * maps[name] for name in self.settings.content_layers}",
        ),
        Mutant(
            "style of unequal shares",
            "masks",
            "covered * one / sum(felt)",
            "covered * one",
        ),
        Mutant(
            "starts from grey",
            "starts",
            '    if settings.init == "content":\n        return preprocess(photo)',
            '    if settings.init == "content":\n        return 0 * preprocess(photo)',
        ),
    ],
    "10_creative_control": [
        Mutant(
            "I and Q exchanged",
            "color",
            """        [0.59590059, -0.27455667, -0.32134392],
        [0.21153661, -0.52273617, 0.31119955],
""",
            """        [0.21153661, -0.52273617, 0.31119955],
        [0.59590059, -0.27455667, -0.32134392],
""",
        ),
        Mutant(
            "luminance of the wrong picture",
            "color",
            "luminance = stylised @ RGB_TO_YIQ[0]",
            "luminance = content @ RGB_TO_YIQ[0]",
        ),
        Mutant(
            "roots in the wrong order",
            "color",
            "matrix = inverse_root @ middle @ inverse_root",
            "matrix = middle @ inverse_root @ inverse_root",
        ),
        Mutant(
            "noise is blown up to a colour",
            "color",
            "where=values > _NOISE",
            "where=values > -np.inf",
        ),
        Mutant(
            "weights instead of their roots",
            "statistics",
            "gram_of_rows(tf.sqrt(weights) * vectors)",
            "gram_of_rows(weights * vectors)",
        ),
        Mutant(
            "the mask is not made smaller",
            "masks",
            "receptive_field(layer, network) // REACH if inside else 0",
            "0",
        ),
        Mutant(
            "weights are no shares",
            "masks",
            "covered * one / sum(felt)",
            "covered * one",
        ),
        Mutant(
            "every painting in full",
            "objective",
            "weight * goal.share * loss(name, goal)",
            "weight * loss(name, goal)",
        ),
    ],
    "11_high_resolution": [
        Mutant(
            "the last scale gets a full share",
            "scales",
            "shares[-1] = 0.6",
            "shares[-1] = 1.0",
        ),
        Mutant(
            "no halo",
            "tiles",
            "(receptive_field(n, network) - stride(n)) / 2 for",
            "0 for",
        ),
        Mutant(
            "what a tile asks for replaces that of another",
            "tiled",
            "gradient[_on(tile.window)] += back.numpy()",
            "gradient[_on(tile.window)] = back.numpy()",
        ),
        Mutant(
            "one tensor for a pair",
            "estimate",
            "24 * _pairs(tall, wide, evaluations, settings)",
            "12 * _pairs(tall, wide, evaluations, settings)",
        ),
        Mutant(
            "pairs forgotten on resuming",
            "checkpoint",
            "for pair in state.pairs:",
            "for pair in state.pairs[:0]:",
        ),
        Mutant(
            "losses look at the margin",
            "objective",
            "cut = self.margin // stride(name)",
            "cut = 0",
        ),
        Mutant(
            "overlap counted once",
            "reporting",
            "np.trace(tau) - 2 * overlap",
            "np.trace(tau) - overlap",
        ),
    ],
    "12_adain_wct": [
        Mutant(
            "no ReLU between a decoder's convolutions",
            "decoders",
            "x = tf.nn.relu(x)",
            "x = x + 0",
        ),
        Mutant(
            "a decoder pads with zeros",
            "decoders",
            '[0, 0]], "REFLECT")',
            '[0, 0]], "CONSTANT")',
        ),
        Mutant(
            "variances in place of deviations",
            "universal",
            "tf.sqrt(style_variance / tf.where(flat, 1.0, variance))",
            "style_variance / tf.where(flat, 1.0, variance)",
        ),
        Mutant(
            "the photo's mean is kept",
            "universal",
            "@ (inverse_root @ root) + style_mean",
            "@ (inverse_root @ root) + mean",
        ),
        Mutant(
            "coloured before it is whitened",
            "universal",
            "(inverse_root @ root)",
            "(root @ inverse_root)",
        ),
        Mutant(
            "long patches win",
            "universal",
            "directions = patches / tf.maximum(norms, EPSILON * tf.reduce_max(norms))",
            "directions = patches",
        ),
    ],
    "13_feed_forward": [
        Mutant(
            "means over the batch",
            "feedforward",
            "tf.nn.moments(maps, axes=[1, 2], keepdims=True)",
            "tf.nn.moments(maps, axes=[0, 1, 2], keepdims=True)",
        ),
        Mutant(
            "blocks forget what went in",
            "feedforward",
            'x + shortcut if name.endswith("b")',
            'x if name.endswith("b")',
        ),
        Mutant(
            "style losses are added up over the batch",
            "fitting",
            "tf.reduce_mean([self.style(maps, i)",
            "tf.reduce_sum([self.style(maps, i)",
        ),
        Mutant(
            "variation is rewarded",
            "objective",
            "tf.stack([content + style + variation,",
            "tf.stack([content + style - variation,",
        ),
    ],
}


LESSONS = list(MUTANTS)


class Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module of nstlib from changed source."""

    def __init__(self, mutant):
        self.name = f"nstlib.{mutant.module}"
        path = ROOT / "nstlib" / f"{mutant.module}.py"
        before = path.read_text(encoding="utf-8")
        self.source = before.replace(mutant.old, mutant.new)
        if self.source == before:
            raise ValueError(f"{mutant.mistake}: {path.name} has no {mutant.old!r}")

    def find_spec(self, name, path=None, target=None):
        if name == self.name:
            return importlib.util.spec_from_loader(name, self)
        return None

    def exec_module(self, module):
        exec(compile(self.source, self.name, "exec"), vars(module))


def stored(cell):
    return "".join(
        "".join(o["text"]) for o in cell["outputs"] if o["output_type"] == "stream"
    )


def first_failure(cells):
    """The number of the first cell that fails, and why; None if none does."""
    scope = {"__name__": "__main__"}
    for number, cell in enumerate(cells):
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                exec("".join(cell["source"]), scope)
        except Exception as error:
            return number, f"{cell['id']}: {type(error).__name__}"
        tags = set(cell["metadata"].get("tags", []))
        if not tags & IGNORED and printed.getvalue() != stored(cell):
            return number, f"{cell['id']}: prints something else"
        plt.close("all")
    return None


def run(lesson):
    """What catches each mutant of a lesson, null if nothing, and "nothing": what fails
    in the package as it is, in the cells up to the last that caught one."""
    os.chdir(ROOT / "notebooks")
    text = Path(f"{lesson}.ipynb").read_text(encoding="utf-8")
    cells = [c for c in json.loads(text)["cells"] if c["cell_type"] == "code"]
    failures = {}
    for mutant in MUTANTS[lesson]:
        finder = Mutated(mutant)
        sys.meta_path.insert(0, finder)
        failures[mutant.mistake] = first_failure(cells)
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.startswith("nstlib")]:
            del sys.modules[name]
    needed = max((f[0] + 1 for f in failures.values() if f), default=0)
    failures["nothing"] = first_failure(cells[:needed])
    return {mistake: failure and failure[1] for mistake, failure in failures.items()}


def uncaught(lesson):
    """The mistakes that no cell notices, found in a process of their own."""
    done = subprocess.run(
        [sys.executable, __file__, lesson], capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr[-2000:]
    caught = json.loads(done.stdout.splitlines()[-1])
    assert caught.pop("nothing") is None
    assert len(caught) == len(MUTANTS[lesson]) >= 3
    return [mistake for mistake, cell in caught.items() if cell is None]


if __name__ == "__main__":
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    sys.path.insert(0, str(ROOT))
    print(json.dumps(run(sys.argv[1])))
