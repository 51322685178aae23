"""Mistakes that a lesson must notice.

Each puts one piece of code, an expression or a statement, in the place of another that
stands exactly once in the definition; how either is written does not matter. `mutating`
does it.
"""

from typing import NamedTuple


class Mutant(NamedTuple):
    """One mistake: in which function, method or constant, what is replaced by what."""

    mistake: str
    where: str
    old: str
    new: str
    slow: bool = False
    """Whether none but the long cells of the lesson notice it."""


MUTANTS = {
    "01_preprocessing": [
        Mutant(
            "means swapped",
            "preprocessing.BGR_MEANS",
            "[103.939, 116.779, 123.68]",
            "[123.68, 116.779, 103.939]",
        ),
        Mutant(
            "RGB left as it is",
            "preprocessing.preprocess",
            "picture[..., ::-1] - BGR_MEANS",
            "picture - BGR_MEANS",
        ),
        Mutant(
            "not clipped",
            "preprocessing.deprocess",
            "np.clip((tensor + BGR_MEANS)[..., ::-1], 0.0, 255.0)",
            "(tensor + BGR_MEANS)[..., ::-1]",
        ),
    ],
    "02_feature_maps": [
        Mutant(
            "no ReLU",
            "vgg.feature_maps",
            "tf.nn.relu(tf.nn.bias_add(x, tf.cast(bias, x.dtype)))",
            "tf.nn.bias_add(x, tf.cast(bias, x.dtype))",
        ),
        Mutant(
            "average for maximum",
            "vgg.feature_maps",
            "tf.nn.max_pool2d",
            "tf.nn.avg_pool2d",
        ),
        Mutant(
            "pooling forgotten in the receptive field",
            "vgg_plan.receptive_field",
            "size += stride(f'block{block}_conv1')",
            "size += 0",
        ),
    ],
    "03_content_loss": [
        Mutant(
            "half forgotten",
            "losses.content_loss",
            "0.5 if convention == 'gatys' else 1.0",
            "1.0",
        ),
        Mutant(
            "divided by the wrong picture",
            "losses.content_loss",
            "tf.reduce_mean(tf.square(target)) + TINY",
            "tf.reduce_mean(tf.square(features)) + TINY",
        ),
        Mutant(
            "absolute for square",
            "losses.content_loss",
            "tf.square(features - target)",
            "tf.abs(features - target)",
        ),
    ],
    "04_gram_matrices": [
        Mutant(
            "each channel only with itself",
            "losses.gram_matrix",
            "tf.matmul(vectors, vectors, transpose_a=True)",
            "tf.linalg.diag(tf.reduce_sum(vectors * vectors, axis=0))",
        ),
        Mutant(
            "channels shuffled",
            "losses.gram_matrix",
            "tf.matmul(vectors, vectors, transpose_a=True)",
            "tf.matmul(vectors, vectors[:, ::-1], transpose_a=True)",
        ),
        Mutant(
            "Gram divided by N",
            "losses.gram_matrix",
            "tf.matmul(vectors, vectors, transpose_a=True)",
            "tf.matmul(vectors, vectors, transpose_a=True) / positions(features)",
        ),
    ],
    "05_style_loss": [
        Mutant(
            "quarter forgotten",
            "losses.gram_distance",
            "distance / (4.0 * channels**2)",
            "distance / channels**2",
        ),
        Mutant(
            "C² for C⁴",
            "losses.gram_distance",
            "float(channels) ** 4",
            "float(channels) ** 2",
        ),
        Mutant(
            "not divided by N",
            "losses.style_loss",
            "gram_matrix(features) / count",
            "gram_matrix(features)",
        ),
        Mutant(
            "the picture's N for the style's",
            "losses.style_loss",
            "goal /= count if target_positions is None else target_positions",
            "goal /= count",
        ),
    ],
    "06_total_variation": [
        Mutant(
            "sign",
            "losses.total_variation_loss",
            "return reduce(tf.square(down)) + reduce(tf.square(right))",
            "return -reduce(tf.square(down)) - reduce(tf.square(right))",
        ),
        Mutant(
            "one direction only",
            "losses.total_variation_loss",
            "return reduce(tf.abs(down)) + reduce(tf.abs(right))",
            "return reduce(tf.abs(down))",
        ),
        Mutant(
            "channels for columns",
            "losses.total_variation_loss",
            "tf.split(tensor, [1, -1], -2)[1] - tf.split(tensor, [-1, 1], -2)[0]",
            "tf.split(tensor, [1, -1], -1)[1] - tf.split(tensor, [-1, 1], -1)[0]",
        ),
    ],
    "07_optimizing_pixels": [
        Mutant(
            "style weight ignored",
            "objective.weighted_terms",
            "style *= weights.style_weight",
            "style *= 1.0",
        ),
        Mutant(
            "TV subtracted",
            "objective.weighted_terms",
            "content + style + variation",
            "content + style - variation",
            slow=True,
        ),
        Mutant(
            "gradient of the content alone",
            "objective.Loss._evaluate",
            "tf.one_hot(0, len(TERMS))",
            "tf.one_hot(1, len(TERMS))",
        ),
        Mutant(
            "gradient uphill",
            "descent.minimize",
            "gradient * gradient_scale",
            "-gradient * gradient_scale",
        ),
    ],
    "08_lbfgs": [
        Mutant(
            "a pair is dropped",
            "lbfgs.two_loop_recursion",
            "reversed(history)",
            "reversed(history[1:])",
        ),
        Mutant(
            "second loop reversed",
            "lbfgs.two_loop_recursion",
            "zip(history, reversed(alphas), strict=True)",
            "zip(reversed(history), alphas, strict=True)",
        ),
        Mutant(
            "scale forgotten",
            "lbfgs.two_loop_recursion",
            "r = q / (rho * dot(y, y))",
            "r = q",
        ),
        Mutant(
            "anything goes",
            "line_search.strong_wolfe",
            "low and abs(trial.slope) <= c2 * abs(start.slope)",
            "True",
        ),
        Mutant(
            "the minimum is sought on the wrong side",
            "line_search._bracket",
            "return trial, near",
            "return trial, far",
        ),
        Mutant(
            "bad curvature is kept",
            "lbfgs._loop",
            "0.01 * abs(found.step * start.slope) < curvature < math.inf",
            "True",
        ),
    ],
    "09_style_transfer": [
        Mutant(
            "targets of the wrong picture",
            "targets.Encoder.content_target",
            "{name: maps[name] for name in self.settings.content_layers}",
            "{name: 0 * maps[name] for name in self.settings.content_layers}",
        ),
        Mutant(
            "style of unequal shares",
            "masks.style_shares",
            "covered * one / sum(felt)",
            "covered * one",
        ),
        Mutant(
            "starts from gray",
            "initialization.starting_tensor",
            "return preprocess(photo)",
            "return 0 * preprocess(photo)",
        ),
    ],
    "10_creative_control": [
        Mutant(
            "I and Q exchanged",
            "color.RGB_TO_YIQ",
            """[
                [0.299, 0.587, 0.114],
                [0.59590059, -0.27455667, -0.32134392],
                [0.21153661, -0.52273617, 0.31119955],
            ]""",
            """[
                [0.299, 0.587, 0.114],
                [0.21153661, -0.52273617, 0.31119955],
                [0.59590059, -0.27455667, -0.32134392],
            ]""",
        ),
        Mutant(
            "luminance of the wrong picture",
            "color.transfer_luminance",
            "stylized @ RGB_TO_YIQ[0]",
            "content @ RGB_TO_YIQ[0]",
        ),
        Mutant(
            "roots in the wrong order",
            "color.match_covariance",
            "inverse_root @ middle @ inverse_root",
            "middle @ inverse_root @ inverse_root",
        ),
        Mutant(
            "noise is blown up to a color",
            "color.matrix_roots",
            "values > _NOISE",
            "values > -np.inf",
        ),
        Mutant(
            "weights instead of their roots",
            "statistics.feature_sums",
            "gram_of_rows(tf.sqrt(weights) * vectors)",
            "gram_of_rows(weights * vectors)",
        ),
        Mutant(
            "the mask is not made smaller",
            "masks.guidance",
            "receptive_field(layer, network) // REACH if inside else 0",
            "0",
            slow=True,
        ),
        Mutant(
            "weights are no shares",
            "masks.style_shares",
            "covered * one / sum(felt)",
            "covered * one",
        ),
        Mutant(
            "every painting in full",
            "objective.Loss._over_styles",
            "weight * goal.share * loss(name, goal)",
            "weight * loss(name, goal)",
            slow=True,
        ),
    ],
    "11_high_resolution": [
        Mutant(
            "the last scale gets a full share",
            "large.scales._shared_out",
            "last_share if scales > 1 else 1",
            "1",
        ),
        Mutant(
            "no halo",
            "large.tiles.reach",
            "(receptive_field(n, network) - stride(n)) / 2",
            "0",
            slow=True,
        ),
        Mutant(
            "what a tile asks for replaces that of another",
            "large.tiled_objective.TiledLoss.value_and_gradient",
            "gradient[on(tile.window)] += back.numpy()",
            "gradient[on(tile.window)] = back.numpy()",
            slow=True,
        ),
        Mutant(
            "pairs forgotten on resuming",
            "runs.checkpoint.Checkpoint.remember",
            "self.memory.add(*pair)",
            "pass",
        ),
        Mutant(
            "one tensor for a pair",
            "large.cost.peak_memory",
            "24 * _pairs(tall, wide, evaluations, settings)",
            "12 * _pairs(tall, wide, evaluations, settings)",
        ),
        Mutant(
            "losses look at the margin",
            "targets.inner",
            "cut = margin // stride(name)",
            "cut = 0",
            slow=True,
        ),
        Mutant(
            "overlap counted once",
            "metrics.color_distance",
            "2 * overlap",
            "overlap",
            slow=True,
        ),
    ],
    "12_adain_wct": [
        Mutant(
            "no ReLU between a decoder's convolutions",
            "decoders.decode",
            "x = tf.nn.relu(x)",
            "x = x + 0",
            slow=True,
        ),
        Mutant(
            "a decoder pads with zeros",
            "decoders.decode",
            "'REFLECT'",
            "'CONSTANT'",
            slow=True,
        ),
        Mutant(
            "variances in place of deviations",
            "universal.adain",
            "tf.sqrt(style_variance / tf.where(flat, 1.0, variance))",
            "style_variance / tf.where(flat, 1.0, variance)",
        ),
        Mutant(
            "the photo's mean is kept",
            "universal.whitening_coloring",
            "(content - mean) @ (inverse_root @ root) + style_mean",
            "(content - mean) @ (inverse_root @ root) + mean",
        ),
        Mutant(
            "colored before it is whitened",
            "universal.whitening_coloring",
            "inverse_root @ root",
            "root @ inverse_root",
        ),
        Mutant(
            "long patches win",
            "universal.style_swap",
            "patches / tf.maximum(norms, EPSILON * tf.reduce_max(norms))",
            "patches",
            slow=True,
        ),
    ],
    "13_feed_forward": [
        Mutant(
            "means over the batch",
            "feedforward.instance_norm",
            "tf.nn.moments(maps, axes=[1, 2], keepdims=True)",
            "tf.nn.moments(maps, axes=[0, 1, 2], keepdims=True)",
        ),
        Mutant(
            "blocks forget what went in",
            "feedforward.transform",
            "x + shortcut",
            "x",
        ),
        Mutant(
            "style losses are added up over the batch",
            "fast.perceptual_loss.PerceptualLoss.__call__",
            "tf.reduce_mean",
            "tf.reduce_sum",
        ),
        Mutant(
            "variation is rewarded",
            "objective.weighted_terms",
            "content + style + variation",
            "content + style - variation",
            slow=True,
        ),
    ],
    "15_video": [
        Mutant(
            "warping goes the other way",
            "film.flow.warp",
            "x + flow[..., 0]",
            "x - flow[..., 0]",
        ),
        Mutant(
            "right and down are exchanged",
            "film.flow.warp",
            "y + flow[..., 1]",
            "y + flow[..., 0]",
        ),
        Mutant(
            "the flow leads from the second picture to the first",
            "film.flow.optical_flow",
            "search.calc(*gray, None)",
            "search.calc(*gray[::-1], None)",
        ),
        Mutant(
            "the mask is turned around",
            "film.flow.visible",
            "(inside & consistent & even)",
            "~(inside & consistent & even)",
        ),
        Mutant(
            "whatever comes from outside is visible",
            "film.flow.visible",
            "(inside & consistent & even)",
            "(consistent & even)",
        ),
        Mutant(
            "hidden pixels are measured",
            "film.temporal.warping_error",
            "mask * np.square(here - warp(there, flow))",
            "np.square(here - warp(there, flow))",
        ),
        Mutant(
            "hidden pixels are tied",
            "film.temporal.temporal_loss",
            "mask * tf.square(picture - warped)",
            "tf.square(picture - warped)",
        ),
        Mutant(
            "the temporal loss is a sum",
            "film.temporal.temporal_loss",
            "tf.reduce_mean",
            "tf.reduce_sum",
            slow=True,
        ),
    ],
    "16_studio": [
        Mutant(
            "only the longer side is compared",
            "worker.unchecked.check_header",
            "width * height > pixels",
            "max(width, height) > pixels",
        ),
        Mutant(
            "values beyond the range wrap around",
            "worker.unchecked.jpeg",
            "np.clip(np.rint(picture), 0, 255)",
            "np.rint(picture)",
        ),
        Mutant(
            "Windows' folders stay in the title",
            "studio.rules.title_of",
            "re.split('[/\\\\\\\\]', filename)",
            "filename.split('/')",
        ),
        Mutant(
            "a form that says nothing gets in",
            "studio.rules.same_origin",
            "urlsplit(origin).netloc.lower() == host.lower() != ''",
            "urlsplit(origin).netloc.lower() in ('', host.lower())",
        ),
        Mutant(
            "one too many of a visitor gets in",
            "studio.rules.check_room",
            "owners.count(owner) >= each",
            "owners.count(owner) > each",
        ),
    ],
}
LESSONS = list(MUTANTS)
