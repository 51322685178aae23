# %% [markdown]
# 12 · Any style in one second

**You will repaint a photo without optimising anything: change its feature maps, then turn them
back into a picture.**

The picture of this lesson stands under *Picture first*: one photo and one painting, joined in
three ways, each in about a second.

| | |
|---|---|
| You need | lessons 03 (a photo from its features), 05 (style is statistics), 10 (colours as a cloud of points) |
| Time | 75 minutes; 50 without the exercises |
| Afterwards you can | explain what a decoder is, match means and deviations (AdaIN), whiten and colour (WCT), swap patches, and say what each of them keeps and loses |
| Uses | `load_network`, `stylize` |
| Adds | `decode`, `adain`, `whitening_coloring`, `style_swap` |
# %% [markdown]
## Setup

A name that begins with an underscore is a small helper of the package. `_power` is explained
where it is used.
# %%
from pathlib import Path
import numpy as np
from matplotlib import pyplot as plt
import nstlib
from nstlib import check, deprocess, preprocess, universal
from nstlib.decoders import LEVELS, decoder_plan, load_decoder, random_decoder
from nstlib.plotting import show_pictures
from nstlib.quiet import tf
from nstlib.universal import EPSILON
IMAGES, OUTPUT = Path("..") / "images", Path("..") / "output"
# %% [markdown]
## Parameters

The decoders of this lesson were trained for MiniVGG, the small student of VGG19 that ships with
the course, and understand nobody else's maps. So MiniVGG paints, whatever `NETWORK` says. The
network of this name is a witness: it sees the result, and judges.
# %% tags=parameters
CONTENT = IMAGES / "content" / "cat.jpg"  # the photo, any file
STYLE = IMAGES / "style" / "starry_night.jpg"  # the painting, any file
OTHER = IMAGES / "style" / "rose_window.jpg"  # a second painting, any file
SIZE = 320  # longer side of the first pictures in pixels, 160-2048
SMALL = 160  # longer side of all others in pixels, 112-512
ALPHA = 1.0  # share of the style in the first pictures, 0-1
NETWORK = "mini"  # the witness: mini, or vgg19 where its weights are at hand
# %%
print("network:", NETWORK)
large, photo = (nstlib.load_image(CONTENT, max_side=s) for s in (SIZE, SMALL))
style, other = (nstlib.load_image(p, max_side=SIZE) for p in (STYLE, OTHER))
# %% [markdown]
## Picture first

`stylize` has a setting `method`. Its default is `"optimize"`, the algorithm of lessons 01 to 11:
hundreds of steps, each a little better. The three methods of this lesson look at photo and painting
once, and paint once.
# %%
quick = {
    name: nstlib.stylize(large, style, size=SIZE, method=name, alpha=ALPHA)
    for name in ("adain", "wct", "swap")}
for result in quick.values():
    assert result.image.shape == large.shape and not result.history
titles = ["photo", *quick]
show_pictures([large, *(r.image for r in quick.values())], titles, width=1.9);
# %% [markdown]
**What you should see:** TODO
# %% [markdown]
## 1 · A decoder: from features back to a picture

**Idea.** In lesson 03 you rebuilt a photo from its feature maps $F = \varphi(x)$. You began with
noise and asked an optimiser for pixels that have these maps: a hundred steps for one picture. But the
task is always the same, *maps in, picture out*. So train a network for it, once. It is called a
**decoder** $D$. Its weights are chosen so that over many photos $x$

$$\|D(\varphi(x)) - x\|^2 \;+\; \lambda\,\|\varphi(D(\varphi(x))) - \varphi(x)\|^2 \qquad (1)$$

is small: the picture must come back, and it must have the same maps when it is looked at again.

| symbol | variable | shape | meaning |
|---|---|---|---|
| $x$ | `photo` | `(H, W, 3)` | a photo of the training set |
| $\varphi(x) = F$ | `features` | `(1, h, w, C)` | its maps at one layer of MiniVGG |
| $D$ | `decode` | | maps in, preprocessed picture out |
| $\lambda$ | | number | how much the second part counts |

A decoder runs MiniVGG backwards. Where MiniVGG halves the sides by pooling, the decoder doubles
them. It cannot know which of four pixels the maximum came from, so it repeats the value. The next
convolutions make something sensible of the little squares.

**By hand.** Doubling the sides of a map of two rows, and mirroring a row at both ends. The mirror keeps
a convolution from seeing zeros outside the picture and painting a frame.
# %%
square = tf.reshape(tf.constant([[1, 2], [3, 4]]), (1, 2, 2, 1))
doubled = tf.repeat(tf.repeat(square, 2, axis=1), 2, axis=2)
print(doubled[0, ..., 0].numpy())
print(tf.pad(tf.constant([5, 6, 7]), [[1, 1]], "REFLECT").numpy())
# %% [markdown]
**Code.** `decoder_plan(level)` lists the convolutions: name, channels, and whether the sides double
after it. The features come in with very different scales: in one channel a typical value is 1, in
another 400. So they are *standardised* first, by each channel's mean and spread over the training
photos. Without that, training gave grey mud.
# %%
for name, channels, doubles in decoder_plan("block3_conv1"):
    print(name, channels, "then twice as large" if doubles else "")
# %% tags=defines:nstlib.decoders.decode
def decode(parameters, features, level, dtype=tf.float32):
    """(1, h, w, C) → (1, H, W, 3), preprocessed; H is h times the stride."""
    x = tf.cast((features - parameters["mean"]) / parameters["spread"], dtype)
    for name, _, doubled in decoder_plan(level):
        kernel, bias = parameters[f"{name}/kernel"], parameters[f"{name}/bias"]
        x = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], "REFLECT")
        x = tf.nn.conv2d(x, tf.cast(kernel, dtype), strides=1, padding="VALID")
        x = tf.nn.bias_add(x, tf.cast(bias, dtype))
        if name != "block1_conv2":
            x = tf.nn.relu(x)
        if doubled:
            x = tf.repeat(tf.repeat(x, 2, axis=1), 2, axis=2)
    return tf.cast(x, tf.float32)
# %% [markdown]
**Check.** The decoder of `block1_conv1` has two convolutions and doubles nothing. We give it random
weights and four positions, and let NumPy compute them with plain loops.
# %%
rng = np.random.default_rng(0)
weights = random_decoder("block1_conv1", 32) | {"mean": np.float32(2)}
x = maps = rng.normal(0, 1, (3, 4, 32)).astype(np.float32)
x = x - 2
for name in ("block1_conv1", "block1_conv2"):
    wide = np.pad(x, ((1, 1), (1, 1), (0, 0)), "reflect")
    x = np.array([[np.einsum("yxi,yxio->o", wide[r:r + 3, c:c + 3],
                             weights[f"{name}/kernel"])
                   for c in range(4)] for r in range(3)])
    x = np.maximum(x, 0) if name == "block1_conv1" else x
for function in (decode, nstlib.decoders.decode):
    made = function(weights, maps[None], "block1_conv1")
    assert np.allclose(made[0], x, atol=1e-4)
print("✓ plain loops agree")
# %% [markdown]
**Picture.** Five decoders ship with the course, for `block1_conv1` to `block5_conv1`. Each sees only
the maps of its layer. MiniVGG is asked to repeat the outermost pixels beyond the border
(`border="replicate"`), as in lesson 10.
# %%
encoder = nstlib.load_network("mini", LEVELS, border="replicate")
cut = photo[: photo.shape[0] // 16 * 16, : photo.shape[1] // 16 * 16]
features = encoder(preprocess(cut))
again = [deprocess(decode(load_decoder(level), features[level], level).numpy())
         for level in LEVELS]
errors = [np.mean((picture - cut) ** 2) for picture in again]
assert errors == sorted(errors) and errors[-1] < cut.var()
titles = ["photo", *LEVELS]
show_pictures([cut, *again], titles, columns=3, width=1.9);
# %% [markdown]
**What you should see:** TODO
# %% [markdown]
## 2 · AdaIN: means and deviations

**Idea.** Style is statistics of feature maps, lesson 05 says. The simplest are the mean and the
standard deviation of each channel: how much a filter finds on average, and how much that varies from
place to place. Give the photo's maps those of the painting, and decode:

$$\mathrm{AdaIN}(F, S) = \sigma(S)\,\frac{F - \mu(F)}{\sigma(F)} + \mu(S) \qquad (2)$$

| symbol | variable | shape | meaning |
|---|---|---|---|
| $F$, $S$ | `content`, `style` | `(N, C)`, `(M, C)` | maps of photo and painting; each row is a position |
| $\mu$ | `mean` | `(C,)` | mean of each channel |
| $\sigma$ | root of `variance` | `(C,)` | standard deviation of each channel |

*Where* things are is not touched: a position that was above the mean stays above it. That keeps the
content. The name is short for *adaptive instance normalisation* (Huang & Belongie, 2017).

**By hand.** One channel. The photo has the values 1 and 3: mean 2, deviation 1. The painting has 10 and
30: mean 20, deviation 10. The 1 lies one deviation below the mean, and so does 10. So 1 becomes 10, and 3
becomes 30.

**Code.** If a channel is constant in the photo, its deviation is 0. We cannot divide by that. Then every
position gets the painting's mean.
# %% tags=defines:nstlib.universal.adain
def adain(content, style):
    """(N, C) and (M, C) → (N, C)."""
    mean, variance = tf.nn.moments(content, axes=[0])
    style_mean, style_variance = tf.nn.moments(style, axes=[0])
    flat = variance <= EPSILON * tf.reduce_max(variance)
    scale = tf.sqrt(style_variance / tf.where(flat, 1.0, variance))
    return (content - mean) * tf.where(flat, 0.0, scale) + style_mean
# %% [markdown]
**Check.** The numbers of above, then two clouds of points with two channels that depend on each other.
NumPy computes mean and deviation of what comes out.
# %%
print(adain(np.array([[1.0], [3.0]]), np.array([[10.0], [30.0]])).numpy()[:, 0])
cloud = rng.normal(0, 1, (400, 2)) @ [[2, 1.2], [0, 0.6]] + [-4, 1]
goal = rng.normal(0, 1, (300, 2)) @ [[1, -1.5], [0, 0.5]] + [3, 4]
for function in (adain, universal.adain):
    moved = function(cloud, goal).numpy()
    assert np.allclose(moved.mean(0), goal.mean(0))
    assert np.allclose(moved.std(0), goal.std(0))
    z = (cloud - cloud.mean(0)) / cloud.std(0)
    assert np.allclose((moved - goal.mean(0)) / goal.std(0), z)
print("✓ mean and deviation of the goal, and nobody changed places")
# %% [markdown]
**Picture.** Each dot is one position with two channels. The ellipse is where a Gaussian with the same
mean and covariance has two deviations.
# %%
def ellipse(axis, points, line):
    """Draws two deviations of (N, 2)."""
    values, vectors = np.linalg.eigh(np.cov(points.T))
    t = np.linspace(0, 2 * np.pi, 60)
    round_ = np.stack([np.cos(t), np.sin(t)], 1) * 2 * np.sqrt(values)
    axis.plot(*(round_ @ vectors.T + points.mean(0)).T, line)


def show_clouds(clouds):
    """Name → (N, 2): side by side, on the same axes."""
    _, axes = plt.subplots(1, len(clouds), figsize=(2 * len(clouds), 2.2),
                           sharex=True, sharey=True, layout="constrained")
    for axis, (name, points) in zip(axes, clouds.items()):
        axis.plot(*points.T, ".", markersize=2, alpha=0.5)
        ellipse(axis, points, "k--")
        axis.set(title=name, xlabel="channel 1", aspect="equal")
    axes[0].set_ylabel("channel 2")
# %%
assert np.corrcoef(cloud.T)[0, 1] > 0.5 > -0.5 > np.corrcoef(goal.T)[0, 1]
assert np.isclose(np.corrcoef(moved.T)[0, 1], np.corrcoef(cloud.T)[0, 1])
show_clouds({"photo": cloud, "painting": goal, "AdaIN": moved})
# %% [markdown]
**What you should see:** the photo's ellipse rises to the right, the painting's falls. AdaIN has moved
the photo's cloud to where the painting's is, and given it the same width and height. But it still
rises. How channels go together is not among the things that AdaIN looks at.

### A whole picture

Encode, change, decode. A number $\alpha$ says how far to go:

$$x' = D\big(\alpha\,\mathrm{AdaIN}(F, S) + (1 - \alpha)\,F\big) \qquad (3)$$

The layer is `block4_conv1`. Its decoder was trained on maps that had been through AdaIN, too, and had to
give them the painting's statistics again.
# %%
def transfer(content, painting, alpha, change, level="block4_conv1", name="adain"):
    """Two pictures (H, W, 3), sides multiples of 16 → a picture."""
    f, s = (encoder(preprocess(p))[level] for p in (content, painting))
    rows = [tf.reshape(maps, (-1, maps.shape[-1])) for maps in (f, s)]
    changed = alpha * tf.reshape(change(*rows), f.shape) + (1 - alpha) * f
    return deprocess(decode(load_decoder(name), changed, level).numpy())


shares = (0.1, 0.4, 0.8, 1.0)
made = [transfer(cut, style, alpha, adain) for alpha in shares]
apart = [np.abs(picture - made[0]).mean() for picture in made]
assert apart == sorted(apart) and apart[-1] > 5
titles = [f"α = {alpha}" for alpha in shares]
show_pictures(made, titles, width=1.9);
# %% [markdown]
**What you should see:** TODO
# %% [markdown]
### Predict, then run

With $\alpha = 0$ nothing is changed. Is the result the photo, to the last pixel?
# %% tags=predict [markdown]
<details><summary>Answer</summary>

No. It is what the decoder makes of the photo's maps, the fourth picture of part 1. What pooling has
thrown away does not come back. And if the painting is the photo itself, even $\alpha = 1$ changes nothing:
the maps have their own mean and deviation already. The next cell checks both.

</details>
# %%
plain = transfer(cut, style, 0, adain)
own = transfer(cut, cut, 1, adain)
assert np.allclose(own, plain, atol=1.0)
assert 3 < np.abs(plain - cut).mean() < 40
print("✓ the photo as its own style changes nothing, but it is not the photo")
# %% [markdown]
## 3 · WCT: whiten, then colour

**Idea.** To match the tilt of the ellipse as well, use the whole covariance. Two steps. **Whitening** takes
away what the photo's channels do together: afterwards each has deviation 1, and none says anything about
another. **Colouring** puts in what the painting's channels do together:

$$F' = (F - \mu_F)\,\Sigma_F^{-1/2}\,\Sigma_S^{1/2} + \mu_S, \qquad
\Sigma^{p} = E\,\Lambda^{p} E^\top \qquad (4)$$

| symbol | variable | shape | meaning |
|---|---|---|---|
| $\Sigma_F$, $\Sigma_S$ | `covariance` | `(C, C)` | how the channels of photo and painting vary together |
| $E$ | `vectors` | `(C, C)` | eigenvectors of $\Sigma$: the axes of the ellipse |
| $\Lambda$ | `values` | `(C,)` | its eigenvalues: the variance along each axis |

Any power of a covariance has the same axes; only the lengths along them are raised to the power.
You met $\Sigma^{1/2}$ in lesson 10, for colours with three channels. Here there are 128.

**By hand.** The points (3, 3), (−3, −3), (1, −1), (−1, 1) have the mean 0. Along the diagonal (1, 1) their
variance is 9, along (1, −1) it is 1: these are the eigenvalues of $\begin{pmatrix}5&4\\4&5\end{pmatrix}$.
Whitening divides by the roots, 3 and 1: (3, 3) becomes (1, 1), and (1, −1) stays. The four points are now
the corners of a square.

**Code.** `_power` computes the mean of the rows, and a power of their covariance. In single precision some
eigenvalues come out as 0, or a little below. Their inverse root would be huge, or not a number. So directions
in which the rows hardly vary are left out.
# %% tags=defines:nstlib.universal._power
def _power(rows, exponent):
    """(N, C) → (C,) and (C, C)."""
    mean = tf.reduce_mean(rows, axis=0)
    centred = rows - mean
    covariance = tf.matmul(centred, centred, transpose_a=True)
    covariance = tf.cast(covariance / tf.cast(len(rows), rows.dtype), tf.float64)
    values, vectors = tf.linalg.eigh(covariance)
    present = values > EPSILON * values[-1]
    powers = tf.where(present, tf.where(present, values, 1.0) ** exponent, 0.0)
    return mean, tf.cast((vectors * powers) @ tf.transpose(vectors), rows.dtype)
# %% tags=defines:nstlib.universal.whitening_coloring
def whitening_coloring(content, style):
    """(N, C) and (M, C) → (N, C)."""
    mean, inverse_root = _power(content, -0.5)
    style_mean, root = _power(style, 0.5)
    return (content - mean) @ (inverse_root @ root) + style_mean
# %% [markdown]
**Check.** The four points; then NumPy asks for mean and covariance of the moved cloud. A third test needs no
eigenvectors at all: a matrix $A$ is $\Sigma^{1/2}$ if it is symmetric and $A A = \Sigma$.
# %%
four = np.array([[3.0, 3], [-3, -3], [1, -1], [-1, 1]])
_, root = _power(four, 0.5)
assert np.allclose(root, [[2, 1], [1, 2]])  # 2·2 + 1·1 = 5
_, inverse = _power(four, -0.5)
assert np.allclose(four @ inverse, [[1, 1], [-1, -1], [1, -1], [-1, 1]])
for function in (whitening_coloring, universal.whitening_coloring):
    there = function(cloud, goal).numpy()
    assert np.allclose(there.mean(0), goal.mean(0))
    assert np.allclose(np.cov(there.T, bias=True), np.cov(goal.T, bias=True))
print("✓ mean and covariance of the goal")
# %%
white = (cloud - cloud.mean(0)) @ _power(cloud, -0.5)[1].numpy()
assert np.allclose(np.cov(white.T, bias=True), np.eye(2))
show_clouds({"photo": cloud, "white": white, "coloured": there,
             "painting": goal})
# %% [markdown]
**What you should see:** whitening makes a circle around 0, of radius 2. Colouring makes the painting's ellipse
of it, with the same tilt. Compare with *AdaIN* above.

### Level by level

Deep layers know of large shapes, shallow ones of colours and fine strokes. So apply (4) at every level. First
each one alone, to see what it contributes. Then all five in a row, from coarse to fine: the picture that one level
gives is encoded again for the next (Li et al., 2017).
# %%
wct = whitening_coloring
single = [transfer(cut, style, 1, wct, level, level) for level in LEVELS]
row = [cut]
for level in reversed(LEVELS):
    row.append(transfer(row[-1], style, 1, wct, level, level))
means = [np.abs(p.mean((0, 1)) - style.mean((0, 1))).max() for p in single]
assert means[0] < 12
titles = [*LEVELS, "all, coarse to fine"]
show_pictures([*single, row[-1]], titles, columns=3, width=1.9);
# %% [markdown]
**What you should see:** TODO
# %% tags=pitfall [markdown]
> **Pitfall: a picture full of coloured noise.** A covariance of 128 channels needs many more than 128 positions. A
> photo of 160 × 107 pixels has 10 × 6 = 60 of them at `block5_conv1`: at least 68 eigenvalues are 0. Programs that
> add a tiny number to the diagonal and invert everything multiply rounding errors by a thousand. `_power` leaves
> these directions out. The next cell counts them.
# %%
deep = tf.reshape(features["block5_conv1"], (-1, 128)).numpy()
values = np.linalg.eigvalsh(np.cov(deep.T, bias=True))
kept = values > EPSILON * values[-1]
assert kept.sum() < len(deep) <= 128 and np.isfinite(wct(deep, deep)).all()
wild = np.abs(values[values > 0]).min() ** -0.5
assert wild > 100 * values[kept].min() ** -0.5
print("positions:", len(deep), "- fewer directions than that are kept")
# %% [markdown]
## 4 · Style swap: patches

**Idea.** Statistics forget places. A third method takes pieces. Cut the painting's maps into little squares,
*patches* of 3 × 3 positions. Exchange every patch of the photo for the painting's patch that is most similar.
Similar means: the same direction, whatever the length. That is the cosine of the angle between the two:

$$\hat{\imath} = \arg\max_j \; \frac{\langle P_i(F),\, P_j(S)\rangle}{\|P_i(F)\|\,\|P_j(S)\|} \qquad (5)$$

| symbol | variable | shape | meaning |
|---|---|---|---|
| $P_i(F)$ | `rows` | `(N, 9·C)` | the photo's patches, one in each row |
| $P_j(S)$ | `patches` | `(M, 9·C)` | those of the painting |
| $\hat{\imath}$ | `chosen` | `(N,)` | for each patch of the photo, which one to take |

The length of $P_i(F)$ is the same for all $j$, so it may be left out (Chen & Schmidt, 2016).

**By hand.** A patch of the photo is (1, 2). The painting has (4, 0), (1, 1) and (2, 5). The products are 4, 3 and
12. Divided by the lengths 4, 1.41 and 5.39: 1.00, 2.12 and 2.23. The third one is taken: it points the same way,
though it is much longer.

**Code.** For maps of one row and patches of one position, two lines. The packaged function cuts squares and takes
the mean where they overlap.
# %%
def most_similar(rows, patches):
    """(N, D) and (M, D) → (N, D): a patch of the painting for each row."""
    directions = patches / np.linalg.norm(patches, axis=1, keepdims=True)
    return patches[np.argmax(rows @ directions.T, axis=1)]


found = most_similar(np.array([[1, 2]]), np.array([[4, 0], [1, 1], [2, 5]]))
assert found.tolist() == [[2, 5]]
f, s = rng.normal(size=(1, 7, 4)), rng.normal(size=(1, 9, 4))
swapped = universal.style_swap(f.astype("float32"), s.astype("float32"), 1)
assert np.allclose(swapped[0], most_similar(f[0], s[0]), atol=1e-6)
print("✓ the third patch; and the packaged function with patches of 1 × 1")
# %%
def in_patches(content, style):
    """(N, C) and (M, C), in rows → (N, C), by patches of 3 × 3."""
    shapes = [np.array(p.shape[:2]) // 4 for p in (cut, other)]
    maps = [tf.reshape(rows, (*shape, -1))
            for rows, shape in zip((content, style), shapes)]
    return universal.style_swap(*maps)


third = "block3_conv1"
two = [transfer(cut, other, 1, adain), transfer(cut, other, 1, wct, third, third),
       transfer(cut, other, 1, in_patches, third, third)]
assert all(np.abs(picture - cut).mean() > 5 for picture in two)
titles = ["painting", "AdaIN", "WCT, one level", "style swap"]
show_pictures([other, *two], titles, width=1.9);
# %% [markdown]
**What you should see:** TODO
# %% [markdown]
## Now packaged

`nstlib.stylize(photo, painting, method="wct")` does all of this, and takes care of what we left out:
pictures of any size (large ones in strips), a mirrored border that is cut off again, several paintings
with weights and masks, `colors` as in lesson 10, `style_scale`. `levels` says how many levels of WCT. In a
terminal: `nst stylize photo.jpg painting.jpg --method wct --alpha 0.6`.

The first cell compares functions. The second has two paintings, each on its own side, in one pass.
# %%
for ours, packaged in ((adain, universal.adain), (wct, universal.whitening_coloring)):
    assert np.array_equal(ours(cloud, goal), packaged(cloud, goal))
assert np.array_equal(decode(weights, maps[None], "block1_conv1"), made)
print("✓ equal")
# %%
ramp = np.tile(np.linspace(255, 0, large.shape[1]), (large.shape[0], 1))
sides = [(style, 1.0, ramp), (other, 1.0, 255 - ramp)]
both, kept = (nstlib.stylize(large, sides, size=SIZE, method="adain", colors=c).image
              for c in ("style", "luminance"))
witness = nstlib.load_network(NETWORK, ["conv2_1"], precision="float32")
G = [nstlib.gram_matrix(witness(preprocess(p))["block2_conv1"]) / p[..., 0].size
     for p in (large, quick["wct"].image, style)]
assert np.linalg.norm(G[1] - G[2]) < 0.5 * np.linalg.norm(G[0] - G[2])
show_pictures([both, kept], ["night to window", "colours of the photo"], width=2.6);
# %% [markdown]
**What you should see:** TODO
# %% [markdown]
## Exercises

### Exercise 1 ●○○ · mixed_styles · 5 minutes

A photo between two paintings: mix what AdaIN makes of the photo's rows with each of them. A share $t$ belongs to the
second painting.
# %% tags=exercise
def mixed_styles(content, one, two, t):
    """(N, C), (M, C), (K, C) and a number 0–1 → (N, C)."""
    return ...


check.mixed_styles(mixed_styles)
# %% tags=hint,solution [markdown]
<details><summary>Hint</summary>

Call `adain` twice, both times with the photo's rows. The shares are $1 - t$ and $t$.

</details>
<details><summary>Solution</summary>

```python
def mixed_styles(content, one, two, t):
    return (1 - t) * adain(content, one) + t * adain(content, two)
```

</details>
# %% [markdown]
### Exercise 2 ●●○ · whitened · 10 minutes

Whiten rows, with NumPy and without `_power`: mean 0, covariance the identity. Of all ways to do it take the symmetric
one of equation (4). All eigenvalues are above 0 here.
# %% tags=exercise
def whitened(rows):
    """(N, C) → (N, C)."""
    return ...


check.whitened(whitened)
# %% tags=hint,solution [markdown]
<details><summary>Hint</summary>

`values, vectors = np.linalg.eigh(covariance)`, with the covariance divided by $N$. Then
$E\,\Lambda^{-1/2} E^\top$ is `(vectors / np.sqrt(values)) @ vectors.T`.

</details>
<details><summary>Solution</summary>

```python
def whitened(rows):
    centred = rows - rows.mean(axis=0)
    covariance = centred.T @ centred / len(rows)
    values, vectors = np.linalg.eigh(covariance)
    return centred @ (vectors / np.sqrt(values)) @ vectors.T
```

</details>
# %% [markdown]
### Exercise 3 ●●● · nearest_patches · 15 minutes

Write the heart of the style swap: for each row of the photo, the painting's patch with the largest cosine, as in
equation (5). Do not use a loop.
# %% tags=exercise
def nearest_patches(content, style):
    """(N, D) and (M, D) → (N, D): rows of the second."""
    return ...


check.nearest_patches(nearest_patches)
# %% tags=hint,solution [markdown]
<details><summary>Hint</summary>

Divide the painting's patches by their lengths, `np.linalg.norm(style, axis=1, keepdims=True)`. One matrix product gives
all cosines but for the length of the photo's patch. `np.argmax(…, axis=1)` finds the best of each row. Return patches as
they were, not divided.

</details>
<details><summary>Solution</summary>

```python
def nearest_patches(content, style):
    directions = style / np.linalg.norm(style, axis=1, keepdims=True)
    return style[np.argmax(content @ directions.T, axis=1)]
```

</details>
# %% [markdown]
## Tweak it

Change one line of the parameter cell, then run all cells.

| change | what to expect |
|---|---|
| `ALPHA = 0.5` | TODO |
| `STYLE = IMAGES / "style" / "tapestry.jpg"` | TODO |
| `SIZE = 1024` | TODO |
# %% tags=quiz [markdown]
## Recap

- A decoder is trained once to turn maps into a picture. What pooling lost stays lost.
- AdaIN gives each channel the painting's mean and deviation. WCT gives all of them together its covariance. A swap gives
  the painting's own patches.
- $\alpha$ mixes changed maps with the photo's own, before they are decoded.
- Directions in which nothing varies must not be inverted.
- One pass takes a second. Nothing checks the result, and nothing corrects it: lesson 14 compares.

**Three questions**

<details><summary>1. Two channels of the photo are always equal, two of the painting always opposite. Which method can bring that about?</summary>

WCT. AdaIN scales and shifts each channel by itself. Equal channels stay equal up to scale.

</details>
<details><summary>2. Why does WCT go from coarse to fine, and not the other way round?</summary>

What comes last has the last word. A coarse decoder blurs what the fine level has just painted.

</details>
<details><summary>3. The photo is a plain blue sky. What can style swap not do with it?</summary>

All patches of the sky point the same way. So they all get the same patch of the painting, over and over.

</details>
# %% tags=instructor [markdown]
**For the instructor.** 75 minutes: pictures and decoder 15, AdaIN 15, WCT 15, swap 5, exercises 25. Common questions: *why
not decode from block5?* Look at its picture in part 1. *Who trained the decoders, and how long?* The scripts in `training/`, see
the model card. *Can I use VGG19?* Not here: the decoders understand MiniVGG's maps only. To skip: part 4, the pitfall. Demo
order: picture first, the clouds, the strip of α, then a photo of the class with `nst stylize … --method wct`.
# %% [markdown]
## Further reading

- X. Huang, S. Belongie: [Arbitrary Style Transfer in Real-time with Adaptive Instance
  Normalization](https://arxiv.org/abs/1703.06868), 2017.
- Y. Li, C. Fang, J. Yang, Z. Wang, X. Lu, M.-H. Yang: [Universal Style Transfer via Feature
  Transforms](https://arxiv.org/abs/1705.08086), 2017.
- T. Q. Chen, M. Schmidt: [Fast Patch-based Style Transfer of Arbitrary Style](https://arxiv.org/abs/1612.04337), 2016.
- A. Odena, V. Dumoulin, C. Olah: [Deconvolution and Checkerboard Artifacts](https://distill.pub/2016/deconv-checkerboard/),
  2016. Why the nearest neighbour is repeated.

[← 11 · High resolution](11_high_resolution.ipynb)
