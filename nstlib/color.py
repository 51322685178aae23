"""Keeping the colors of a picture, or matching them to those of another.

Taught in: 10_creative_control. Style transfer also transfers the colors of the style.
There are two remedies (Gatys et al., 2016, "Preserving Color in Neural Artistic Style
Transfer"): give the style the content's colors before the transfer, or give the result
the content's colors after it and keep only its luminance.
"""

from __future__ import annotations

import numpy as np

RGB_TO_YIQ = np.array(
    [
        [0.299, 0.587, 0.114],
        [0.59590059, -0.27455667, -0.32134392],
        [0.21153661, -0.52273617, 0.31119955],
    ]
)
"""From RGB to the NTSC color space: luminance Y and the chroma channels I and Q."""
YIQ_TO_RGB = np.linalg.inv(RGB_TO_YIQ)
"""The inverse of `RGB_TO_YIQ`."""

# Variance, in levels². Variations of less than one level are noise from rounding and
# JPEG, which must not be amplified to a color.
_NOISE = 1.0


def as_colors(picture: np.ndarray, name: str) -> np.ndarray:
    """Return a picture ``(H, W, 3)`` in float64.

    Args:
        picture: any real dtype and range.
        name: what an error message calls it.

    Raises:
        ValueError: the array is not ``(H, W, 3)`` or not finite.
    """
    values = np.asarray(picture, dtype=np.float64)
    if values.ndim != 3 or values.shape[-1] != 3 or not values.size:
        raise ValueError(f"{name} must be a picture (H, W, 3), not {values.shape}.")
    if not np.isfinite(values).all():
        raise ValueError(f"{name} has values that are not finite (NaN or infinite).")
    return values


def rgb_to_yiq(picture: np.ndarray) -> np.ndarray:
    """Convert a picture from RGB to luminance and chroma.

    Taught in: 10_creative_control.

    Args:
        picture: ``(H, W, 3)``, RGB, 0–255, any real dtype.

    Returns:
        float32 ``(H, W, 3)``: Y in 0–255, I within ±151.96, Q within ±133.30.

    Raises:
        ValueError: the array is not ``(H, W, 3)`` or not finite.
    """
    return (as_colors(picture, "picture") @ RGB_TO_YIQ.T).astype(np.float32)


def yiq_to_rgb(yiq: np.ndarray) -> np.ndarray:
    """Convert luminance and chroma back to RGB; the inverse of `rgb_to_yiq`.

    Taught in: 10_creative_control.

    Args:
        yiq: ``(H, W, 3)`` as from `rgb_to_yiq`.

    Returns:
        float32 ``(H, W, 3)``, RGB. It is not clipped: values can lie outside 0–255 if
        luminance and chroma come from different pictures.

    Raises:
        ValueError: the array is not ``(H, W, 3)`` or not finite.
    """
    return (as_colors(yiq, "yiq") @ YIQ_TO_RGB.T).astype(np.float32)


def transfer_luminance(
    stylized: np.ndarray, content: np.ndarray, match: bool = False
) -> np.ndarray:
    """Combine the luminance of one picture with the colors of another.

    Taught in: 10_creative_control. Source: Gatys et al. (2016), "Luminance-only
    transfer"; with ``match``, its equation L' = σ_C/σ_S (L − μ_S) + μ_C.

    Args:
        stylized: ``(H, W, 3)``, 0–255; gives the luminance Y.
        content: picture of the same shape; gives the chroma I and Q.
        match: first give Y the mean and the standard deviation of the content's
            luminance, for styles that are much darker or lighter than the content.

    Returns:
        float32 ``(H, W, 3)``, RGB, clipped to 0–255.

    Raises:
        ValueError: the pictures differ in shape, or a value is not finite.

    Example:
        A gray painting gets the colors of the photo:

        >>> photo = np.full((4, 4, 3), (150.0, 100.0, 50.0))
        >>> painting = np.full((4, 4, 3), 90.0)
        >>> transfer_luminance(painting, photo)[0, 0].round().tolist()
        [131.0, 81.0, 31.0]
    """
    stylized = as_colors(stylized, "stylized")
    content = as_colors(content, "content")
    if stylized.shape != content.shape:
        raise ValueError(
            f"stylized {stylized.shape} and content {content.shape} differ in shape; "
            "bring one to the size of the other with nstlib.images.resize."
        )
    yiq = content @ RGB_TO_YIQ.T
    luminance = stylized @ RGB_TO_YIQ[0]
    if match:
        luminance = _stretched(luminance, content)
    yiq[..., 0] = luminance
    return np.clip(yiq @ YIQ_TO_RGB.T, 0, 255).astype(np.float32)


def match_luminance(
    source: np.ndarray, reference: np.ndarray | None = None
) -> np.ndarray:
    """Make a picture gray, with the brightness and contrast of another.

    Taught in: 10_creative_control. Source: Gatys et al. (2016), "Luminance-only
    transfer": L' = σ_C/σ_S (L − μ_S) + μ_C of the style, before the transfer.

    Args:
        source: ``(H, W, 3)``, 0–255: the style.
        reference: ``(h, w, 3)``, 0–255, of any size: the content. If None, brightness
            and contrast do not change.

    Returns:
        float32 ``(H, W, 3)``, clipped to 0–255; all three channels are the luminance.

    Raises:
        ValueError: an array is not a picture, or has values that are not finite.
    """
    luminance = as_colors(source, "source") @ RGB_TO_YIQ[0]
    if reference is not None:
        luminance = _stretched(luminance, as_colors(reference, "reference"))
    gray = np.repeat(luminance[..., None], 3, axis=-1)
    return np.clip(gray, 0, 255).astype(np.float32)


def _stretched(luminance: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Give a luminance the mean and the standard deviation of another picture's."""
    target = reference @ RGB_TO_YIQ[0]
    # A flat picture has no contrast to stretch.
    gain = 1.0 if _is_flat(luminance) else target.std() / luminance.std()
    return gain * (luminance - luminance.mean()) + target.mean()


def _is_flat(values: np.ndarray) -> bool:
    """Return whether values vary so little that stretching shows only noise."""
    return bool(values.var() <= _NOISE)


def match_covariance(source: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Give a picture the mean and the covariance of another picture's colors.

    Taught in: 10_creative_control. Each color x becomes A(x − μ_s) + μ_r with
    A Σ_s Aᵀ = Σ_r (Gatys et al., 2016, "Color histogram matching"). Many matrices A
    solve this. The one used here is symmetric and moves the colors least
    (Monge–Kantorovich; Pitié and Kokaram, 2007):
    A = Σ_s^-½ (Σ_s^½ Σ_r Σ_s^½)^½ Σ_s^-½.

    Args:
        source: ``(H, W, 3)``, 0–255: the style, before the transfer.
        reference: ``(h, w, 3)``, 0–255, of any size: the content.

    Returns:
        float32 ``(H, W, 3)``, RGB, clipped to 0–255. Apart from clipping, its mean and
        covariance are those of the reference. Directions in which the source's colors
        vary by less than one level stay flat, so a gray picture gets a single hue.

    Raises:
        ValueError: an array is not a picture, or has values that are not finite.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> style = rng.uniform(0, 255, (32, 32, 3))
        >>> photo = rng.uniform((100, 50, 80), (200, 90, 140), (24, 40, 3))
        >>> matched = match_covariance(style, photo)
        >>> mean = photo.mean(axis=(0, 1))
        >>> bool(np.allclose(matched.mean(axis=(0, 1)), mean, atol=0.01))
        True
    """
    x, y = as_colors(source, "source"), as_colors(reference, "reference")
    mean_x, mean_y = x.mean(axis=(0, 1)), y.mean(axis=(0, 1))
    root, inverse_root = matrix_roots(color_covariance(x))
    middle, _ = matrix_roots(root @ color_covariance(y) @ root)
    matrix = inverse_root @ middle @ inverse_root
    matched = (x - mean_x) @ matrix.T + mean_y
    return np.clip(matched, 0, 255).astype(np.float32)


def color_covariance(picture: np.ndarray) -> np.ndarray:
    """Return how the channels ``(H, W, 3)`` vary, and vary together: ``(3, 3)``."""
    return np.cov(picture.reshape(-1, 3).T, bias=True)


def matrix_roots(covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Σ^½, and Σ^-½ without the directions that contain only noise.

    Args:
        covariance: symmetric ``(3, 3)``, in levels² of 0–255.

    Returns:
        Two symmetric matrices ``(3, 3)``. A direction in which colors vary by less than
        one level is left out of the second, so it is always finite.
    """
    values, vectors = np.linalg.eigh(covariance)
    # Rounding can make an eigenvalue of zero slightly negative.
    root = np.sqrt(np.maximum(values, 0))
    inverse = np.divide(1, root, out=np.zeros(3), where=values > _NOISE)
    return (vectors * root) @ vectors.T, (vectors * inverse) @ vectors.T


def match_histogram(source: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Give each channel of a picture the histogram of another picture's channel.

    Taught in: 10_creative_control. Each value is replaced by the reference's value of
    the same rank: it goes through the cumulative distribution of the source and the
    inverse of the reference's (Gonzalez and Woods, "Digital Image Processing", section
    3.3).

    Args:
        source: ``(H, W, 3)``, 0–255.
        reference: ``(h, w, 3)``, 0–255, of any size.

    Returns:
        float32 ``(H, W, 3)``, RGB, within the range of the reference. Equal values stay
        equal, so the match is exact only if the source has enough different values. A
        channel that varies by less than one level has no distribution to match: it gets
        the reference's mean and stays flat.

    Raises:
        ValueError: an array is not a picture, or has values that are not finite.

    Example:
        >>> source = np.repeat([[[0.0], [1.0], [2.0], [3.0]]], 3, axis=2)
        >>> reference = np.repeat([[[90.0], [10.0], [70.0], [20.0]]], 3, axis=2)
        >>> match_histogram(source, reference)[0, :, 0].tolist()
        [10.0, 20.0, 70.0, 90.0]
    """
    x, y = as_colors(source, "source"), as_colors(reference, "reference")
    channels = [_match_channel(x[..., c], y[..., c]) for c in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)


def _match_channel(source: np.ndarray, reference: np.ndarray) -> np.ndarray:
    if _is_flat(source):
        return np.full(source.shape, reference.mean())
    _, rank, counts = np.unique(source.ravel(), return_inverse=True, return_counts=True)
    values, reference_counts = np.unique(reference, return_counts=True)
    quantiles = np.cumsum(counts) / source.size
    reference_quantiles = np.cumsum(reference_counts) / reference.size
    mapped = np.interp(quantiles, reference_quantiles, values)
    return mapped[rank].reshape(source.shape)
