"""Keep the colours of one picture, or match them to those of another.

Taught in: 10_creative_control. Style transfer takes over the colours of the style
with everything else. Two remedies (Gatys et al., 2016, "Preserving Color in Neural
Artistic Style Transfer"): match the style's colours to the content before the
transfer, or put back the content's colours after it, under the new luminance.
"""

from __future__ import annotations

import numpy as np

from nstlib.images import resize

COLORS = ("style", "content", "luminance", "match", "histogram", "match_after")
"""Whose colours a picture of `nstlib.stylize` gets: those of the style; those of the
photo, under the luminance of the result, painted in colour or, as in the paper, in
grey from a style as bright as the photo; those of a style that was given the photo's
mean and covariance, or its histograms, before the transfer; those of a result that was
given the photo's mean and covariance afterwards."""
RGB_TO_YIQ = np.array(
    [
        [0.299, 0.587, 0.114],
        [0.59590059, -0.27455667, -0.32134392],
        [0.21153661, -0.52273617, 0.31119955],
    ]
)
"""The NTSC colour space: luminance Y, and the two chroma channels I and Q."""
YIQ_TO_RGB = np.linalg.inv(RGB_TO_YIQ)
"""The inverse of `RGB_TO_YIQ`."""

# Variance, in levels². Where the colours vary by less than a level there is noise of
# rounding and JPEG, which must not be blown up to a colour.
_NOISE = 1.0


def _checked(picture: np.ndarray, name: str) -> np.ndarray:
    values = np.asarray(picture, dtype=np.float64)
    if values.ndim != 3 or values.shape[-1] != 3 or not values.size:
        raise ValueError(f"{name} must be a picture (H, W, 3), not {values.shape}.")
    if not np.isfinite(values).all():
        raise ValueError(f"{name} has values that are not finite (NaN or infinite).")
    return values


def rgb_to_yiq(picture: np.ndarray) -> np.ndarray:
    """Split a picture into luminance and chroma.

    Taught in: 10_creative_control.

    Args:
        picture: ``(H, W, 3)``, RGB, 0–255, any real dtype.

    Returns:
        float32 ``(H, W, 3)``: Y in 0–255, I within ±151.96, Q within ±133.30.

    Raises:
        ValueError: the array is not ``(H, W, 3)`` or not finite.
    """
    return (_checked(picture, "picture") @ RGB_TO_YIQ.T).astype(np.float32)


def yiq_to_rgb(yiq: np.ndarray) -> np.ndarray:
    """Join luminance and chroma; the inverse of `rgb_to_yiq`.

    Taught in: 10_creative_control.

    Args:
        yiq: ``(H, W, 3)`` as from `rgb_to_yiq`.

    Returns:
        float32 ``(H, W, 3)``, RGB; not clipped, so a luminance and a chroma from
        different pictures can lead outside 0–255.

    Raises:
        ValueError: the array is not ``(H, W, 3)`` or not finite.
    """
    return (_checked(yiq, "yiq") @ YIQ_TO_RGB.T).astype(np.float32)


def transfer_luminance(
    stylised: np.ndarray, content: np.ndarray, match: bool = False
) -> np.ndarray:
    """Keep the content's colours: luminance of one picture, chroma of the other.

    Taught in: 10_creative_control. Source: Gatys et al. (2016), "Luminance-only
    transfer"; with ``match``, its equation L' = σ_C/σ_S (L − μ_S) + μ_C.

    Args:
        stylised: ``(H, W, 3)``, 0–255; gives the luminance Y.
        content: the same shape; gives the chroma I and Q.
        match: first shift and stretch Y to the mean and the standard deviation of
            the content's, for styles much darker or lighter than the content.

    Returns:
        float32 ``(H, W, 3)``, RGB, clipped to 0–255.

    Raises:
        ValueError: not two pictures of the same shape, or not finite.
    """
    stylised, content = _checked(stylised, "stylised"), _checked(content, "content")
    if stylised.shape != content.shape:
        raise ValueError(
            f"stylised {stylised.shape} and content {content.shape} differ in shape; "
            "bring one to the size of the other with nstlib.images.resize."
        )
    yiq = content @ RGB_TO_YIQ.T
    luminance = stylised @ RGB_TO_YIQ[0]
    if match:
        luminance = _stretched(luminance, content)
    yiq[..., 0] = luminance
    return np.clip(yiq @ YIQ_TO_RGB.T, 0, 255).astype(np.float32)


def match_luminance(
    source: np.ndarray, reference: np.ndarray | None = None
) -> np.ndarray:
    """Make a picture grey, as bright and as rich in contrast as another.

    Taught in: 10_creative_control. Source: Gatys et al. (2016), "Luminance-only
    transfer": L' = σ_C/σ_S (L − μ_S) + μ_C of the style, before the transfer.

    Args:
        source: ``(H, W, 3)``, 0–255: the style.
        reference: ``(h, w, 3)``, 0–255, any size: the content. None keeps brightness
            and contrast.

    Returns:
        float32 ``(H, W, 3)``, three times the luminance, clipped to 0–255.

    Raises:
        ValueError: not two pictures, or not finite.
    """
    luminance = _checked(source, "source") @ RGB_TO_YIQ[0]
    if reference is not None:
        luminance = _stretched(luminance, _checked(reference, "reference"))
    grey = np.repeat(luminance[..., None], 3, axis=-1)
    return np.clip(grey, 0, 255).astype(np.float32)


def _stretched(luminance: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """With mean and standard deviation of another picture's luminance."""
    target, deviation = reference @ RGB_TO_YIQ[0], luminance.std()
    # A flat picture has no contrast to stretch.
    gain = target.std() / deviation if deviation > 1e-6 else 1.0
    return gain * (luminance - luminance.mean()) + target.mean()


def match_covariance(source: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Give a picture the mean and the covariance of another's colours.

    Taught in: 10_creative_control. Each colour x becomes A(x − μ_s) + μ_r with
    A Σ_s Aᵀ = Σ_r (Gatys et al., 2016, "Color histogram matching"). Many A do so; this
    is the symmetric one, which moves the colours least (Monge–Kantorovich; Pitié
    and Kokaram, 2007): A = Σ_s^-½ (Σ_s^½ Σ_r Σ_s^½)^½ Σ_s^-½.

    Args:
        source: ``(H, W, 3)``, 0–255: the style, before the transfer.
        reference: ``(h, w, 3)``, 0–255, any size: the content.

    Returns:
        float32 ``(H, W, 3)``, RGB, clipped to 0–255; mean and covariance are those
        of the reference but for what was clipped. A direction in which the source's
        colours vary by less than one level stays flat: a grey picture gets one hue.

    Raises:
        ValueError: not two pictures, or not finite.
    """
    x, y = _checked(source, "source"), _checked(reference, "reference")
    mean_x, mean_y = x.mean(axis=(0, 1)), y.mean(axis=(0, 1))
    root, inverse_root = _roots(_covariance(x))
    middle, _ = _roots(root @ _covariance(y) @ root)
    matrix = inverse_root @ middle @ inverse_root
    matched = (x - mean_x) @ matrix.T + mean_y
    return np.clip(matched, 0, 255).astype(np.float32)


def _covariance(picture: np.ndarray) -> np.ndarray:
    return np.cov(picture.reshape(-1, 3).T, bias=True)


def _roots(covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Σ^½, and Σ^-½ without the directions that hold only noise."""
    values, vectors = np.linalg.eigh(covariance)
    # Rounding can make an eigenvalue of zero a little negative.
    root = np.sqrt(np.maximum(values, 0))
    inverse = np.divide(1, root, out=np.zeros(3), where=values > _NOISE)
    return (vectors * root) @ vectors.T, (vectors * inverse) @ vectors.T


def match_histogram(source: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Give each channel of a picture the distribution of another's.

    Taught in: 10_creative_control. A value goes to the one of the same rank: from
    the cumulative distribution of the source through the inverse of the reference's
    (Gonzalez and Woods, "Digital Image Processing", section 3.3).

    Args:
        source: ``(H, W, 3)``, 0–255.
        reference: ``(h, w, 3)``, 0–255, any size.

    Returns:
        float32 ``(H, W, 3)``, RGB, within the range of the reference. Equal values
        stay equal, so the match is exact where the source has values enough.

    Raises:
        ValueError: not two pictures, or not finite.
    """
    x, y = _checked(source, "source"), _checked(reference, "reference")
    channels = [_match_channel(x[..., c], y[..., c]) for c in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)


def _match_channel(source: np.ndarray, reference: np.ndarray) -> np.ndarray:
    _, rank, counts = np.unique(source.ravel(), return_inverse=True, return_counts=True)
    values, reference_counts = np.unique(reference, return_counts=True)
    quantiles = np.cumsum(counts) / source.size
    reference_quantiles = np.cumsum(reference_counts) / reference.size
    mapped = np.interp(quantiles, reference_quantiles, values)
    return mapped[rank].reshape(source.shape)


def prepare_style(style: np.ndarray, photo: np.ndarray, colors: str) -> np.ndarray:
    """A style ``(h, w, 3)`` in the photo's colours, if one of `COLORS` asks for it."""
    if colors == "match":
        return match_covariance(style, photo)
    if colors == "histogram":
        return match_histogram(style, photo)
    return match_luminance(style, photo) if colors == "luminance" else style


def prepare_photo(photo: np.ndarray, colors: str) -> np.ndarray:
    """The photo ``(H, W, 3)`` as it is painted: for ``"luminance"`` in grey."""
    return match_luminance(photo) if colors == "luminance" else photo


def finish(picture: np.ndarray, photo: np.ndarray, colors: str) -> np.ndarray:
    """A result ``(H, W, 3)`` as it is shown; the photo may have another size."""
    if colors == "match_after":
        return match_covariance(picture, photo)
    if colors not in ("content", "luminance"):
        return picture
    return transfer_luminance(picture, resize(photo, *picture.shape[:2]))
