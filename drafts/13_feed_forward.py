# %% [markdown]
# 13 · A network for one style

**You will train a network that repaints any photo in one style, in a fraction of a second, and
make it small enough for a phone.**

The picture of this lesson stands under *Picture first*: four photos, repainted by a network that
ships with the course.

| | |
|---|---|
| You need | lessons 05 (style loss), 07 (total loss, gradient), 12 (AdaIN, decoders) |
| Time | 80 minutes; 50 without the exercises |
| Afterwards you can | say what a perceptual loss is, normalise maps, build a transformer network, train one for a minute, export it to TF-Lite and judge what rounding costs |
| Uses | `load_network`, `content_loss`, `feature_sums` |
| Adds | `instance_norm`, `transform`, `PerceptualLoss`, `train_transformer`, `export_lite` |
# %% [markdown]
## Setup
# %%
from pathlib import Path
import numpy as np
from matplotlib import pyplot as plt
import nstlib
from nstlib import check, deprocess, feedforward, fitting, lite, preprocess
from nstlib.feedforward import SCALE, random_transformer, transformer_plan
from nstlib.photos import load_photos
from nstlib.plotting import plot_curves, show_pictures
from nstlib.quiet import tf
IMAGES, OUTPUT = Path("..") / "images", Path("..") / "output"
# %% [markdown]
## Parameters

The training is as long as you like: more `STEPS` and larger crops give a better network. With the
values below it takes less than a minute. MiniVGG, a small student of VGG19, judges what the network
paints.
# %% tags=parameters
STYLE = IMAGES / "style" / "great_wave.jpg"  # what to learn, any picture
PHOTOS = IMAGES / "content"  # folder of photos to learn from
SHIPPED = "starry_night"  # a trained network: its name, or a file of nst train
STEPS = 200  # of training, 50-5000
SIDE = 96  # of the square crops in pixels, a multiple of 4, 64-256
BATCH = 2  # crops in a step, 1-8
STYLE_WEIGHT = 40.0  # of the style loss against content, 5-250
NETWORK = "mini"  # the judge: mini, or vgg19 where its weights are at hand
# %%
print("network:", NETWORK)
photos = load_photos(PHOTOS, SIDE)
names = ("cat", "coffee", "photographer", "rocket")
large = [nstlib.load_image(IMAGES / "content" / f"{n}.jpg", 256) for n in names]
# %% [markdown]
## Picture first

`method="feedforward"` takes the name of a trained network in place of the painting. Four of them ship
with the course. Each took some minutes to train, once, and is smaller than a photo.
# %%
fast = [nstlib.stylize(p, SHIPPED, size=256, method="feedforward").image
        for p in large]
assert all(a.shape == b.shape for a, b in zip(fast, large))
assert feedforward.load_transformer(SHIPPED).path.stat().st_size < 1e6
show_pictures([*large, *fast], columns=4, width=1.9);
# %% [markdown]
**What you should see:** TODO
# %% [markdown]
## 1 · Train a network, not a picture

**Idea.** In lesson 07 the unknown was a picture $x$, and the loss $\mathcal L(x)$ came from MiniVGG. Now
take a network $f_\theta$ that makes a picture from a photo $p$. The unknown is $\theta$, its weights. They are
to make the same loss small, in the mean over many photos:

$$\min_\theta \; \frac{1}{n} \sum_{k=1}^{n} \mathcal L\big(f_\theta(p_k),\, p_k\big), \qquad
\mathcal L = \alpha\,\mathcal L_\text{content} + \beta\,\mathcal L_\text{style} + \gamma\,\mathcal L_\text{tv}
\qquad (1)$$

The painting is the same for all photos. So the network learns it by heart: one network, one style. It is
called a *perceptual loss*, because pixels are never compared, only feature maps (Johnson et al., 2016).

| symbol | variable | shape | meaning |
|---|---|---|---|
| $\theta$ | `parameters` | about 350 000 numbers | kernels, scales and offsets of the network |
| $f_\theta$ | `transform` | | photos in, pictures out |
| $p_k$ | `photos` | `(n, H, W, 3)` | a batch of photos, preprocessed |
| $n$ | `BATCH` | number | photos in a step; each step takes others |

**By hand.** A network with one weight, $f_\theta(p) = \theta p$, that shall double its photo. The photos have one
pixel, $p$ = 1 and $p$ = 3, and the loss is $(\theta p - 2p)^2$. At $\theta$ = 1 the losses are 1 and 9, their mean 5.
The slope along $\theta$ is $2p(\theta p - 2p)$: −2 and −18, in the mean −10. One step with the learning rate 0.05
gives $\theta$ = 1 + 0.5 = 1.5, and the mean falls to 0.25 and 2.25: 1.25. What is learned from both photos holds
for others: a photo of 10 now becomes 15, and should become 20.

**Code.** TensorFlow computes the slope along all weights at once. `PerceptualLoss` is equation (1): it gives total,
content, style and variation of a batch.

**Check.** The numbers by hand; then the packaged loss of two pictures against the `Objective` of lesson 07, each picture
alone.
# %%
theta = tf.Variable(1.0)
pixels = tf.constant([1.0, 3.0])
with tf.GradientTape() as tape:
    loss = tf.reduce_mean((theta * pixels - 2 * pixels) ** 2)
slope = tape.gradient(loss, theta)
theta.assign_sub(0.05 * slope)
print(float(loss), float(slope), float(theta))
# %%
settings = nstlib.Settings(
    network=NETWORK, style_weight=STYLE_WEIGHT, tv_weight=3, seed=1)
layers = [*settings.content_layers, *settings.style_layers]
judge = nstlib.load_network(NETWORK, layers, precision="float32",
                            border=settings.border)
style = nstlib.images.shrink(nstlib.load_image(STYLE), 2 * SIDE)
measure = fitting.PerceptualLoss(judge, style, settings)
pair = [photo[:SIDE, :SIDE] for photo in photos[:2]]
goal = np.concatenate([preprocess(p) for p in pair])
made = goal[::-1]  # pretend that each became the other
# %%
alone = []
for picture, photo in zip(made, pair):
    objective = nstlib.objective.Objective(judge, photo, [(style, 1.0)], settings)
    alone.append(objective.losses(tf.constant(picture[None])).numpy())
both = measure(tf.constant(made), tf.constant(goal)).numpy()
assert np.allclose(both[2:], np.mean(alone, axis=0)[2:], rtol=1e-3)
assert np.isclose(both[0], both[1:].sum(), rtol=1e-5)
print("✓ style and variation are means over the batch")
# %% [markdown]
## 2 · Instance normalisation

**Idea.** A style has its own contrast. Whether the photo was dull or harsh should not matter. So after each convolution,
every channel of every picture is standardised, and then given a new deviation $s_c$ and a new mean $b_c$, which are
learned:

$$y_{c} = s_c\,\frac{x_{c} - \mu(x_c)}{\sqrt{\sigma^2(x_c) + \varepsilon}} + b_c \qquad (2)$$

| symbol | variable | shape | meaning |
|---|---|---|---|
| $x$ | `maps` | `(n, h, w, C)` | maps behind a convolution |
| $\mu$, $\sigma^2$ | `mean`, `variance` | `(n, 1, 1, C)` | of one channel in *one* picture |
| $s_c$, $b_c$ | `scale`, `offset` | `(C,)` | learned |
| $\varepsilon$ | `1e-5` | number | keeps a flat channel from dividing by 0 |

You know (2): it is AdaIN of lesson 12, with $s_c$ and $b_c$ in place of the painting's deviation and mean. There they were
measured, here they are learned (Ulyanov et al., 2016).

**By hand.** One channel, the values 1 and 3: mean 2, deviation 1. With $s$ = 2 and $b$ = 5 they become 3 and 7. A second
picture has 10 and 30, the same at ten times the contrast. It becomes 3 and 7, too.
# %% tags=defines:nstlib.feedforward.instance_norm
def instance_norm(maps, scale, offset):
    """(n, h, w, C), (C,), (C,) → (n, h, w, C)."""
    mean, variance = tf.nn.moments(maps, axes=[1, 2], keepdims=True)
    factor = tf.cast(scale, maps.dtype) * tf.math.rsqrt(variance + 1e-5)
    return (maps - mean) * factor + tf.cast(offset, maps.dtype)
# %% [markdown]
**Check.** The numbers by hand, then NumPy's mean and standard deviation of every channel.
# %%
rng = np.random.default_rng(0)
two = tf.constant([[[[1.0], [3.0]]], [[[10.0], [30.0]]]])
x = rng.normal(2, 3, (3, 5, 7, 4))
s, b = rng.normal(0, 1, (2, 4))
z = (x - x.mean((1, 2), keepdims=True)) / x.std((1, 2), keepdims=True)
for function in (instance_norm, feedforward.instance_norm):
    assert np.allclose(np.ravel(function(two, [2.0], [5.0])), [3, 7, 3, 7], atol=1e-3)
    assert np.allclose(function(tf.constant(x), s, b), z * s + b, atol=1e-4)
print("✓ 3, 7, 3, 7; and NumPy agrees")
# %% [markdown]
## 3 · The transformer

**Idea.** The network makes the picture small, works on it, and makes it large again. It is called a *transformer* because it
transforms pictures; it has nothing to do with the networks of that name that write text.

| part | convolutions | sides |
|---|---|---|
| in | 9 × 9 | as they are |
| down, twice | 3 × 3, every second position | a half, a quarter |
| four blocks | 3 × 3, two in each | a quarter |
| up, twice | values doubled, then 3 × 3 | a half, as they were |
| out | 9 × 9 | as they were |

A block *adds* what its two convolutions compute to what came in:

$$y = x + g(x) \qquad (3)$$

| symbol | variable | meaning |
|---|---|---|
| $x$ | `shortcut` | what came in |
| $g$ | two convolutions, normalised | what the block changes |

If $g$ is 0, nothing changes: a block begins harmless. Such blocks are called *residual* (He et al., 2015).

**By hand: why not enlarge by a transposed convolution?** It puts a small kernel at every second place, and adds up. With the
kernel 1, 1, 1 and the values 1, 1, 1 at the places 1, 3 and 5:

| place | 0 | 1 | 2 | 3 | 4 | 5 | 6 |
|---|---|---|---|---|---|---|---|
| sum | 1 | 1 | 2 | 1 | 2 | 1 | 1 |

Flat values come out as stripes; in two directions it is a chequerboard. Repeating values and then convolving keeps flat
values flat (Odena et al., 2016).
# %%
kernel, ones = np.ones((3, 1, 1), "f4"), np.ones((1, 3, 1), "f4")
stripes = tf.nn.conv1d_transpose(ones, kernel, (1, 7, 1), 2, "VALID")
flat = tf.nn.conv1d(tf.repeat(ones, 2, axis=1), kernel, 1, "VALID")
print(stripes.numpy().ravel(), flat.numpy().ravel())
# %% [markdown]
**Code.** `transformer_plan()` lists the convolutions: name, size, channels, stride, and whether the sides are doubled before. In
the blocks, names end in `a` and `b`.
# %%
def padded(x, size):
    """Maps (n, h, w, C) → mirrored by half of a kernel at each side."""
    around = [size // 2, size // 2]
    return tf.pad(x, [[0, 0], around, around, [0, 0]], "REFLECT")


print([(layer.name, layer.size, layer.width) for layer in transformer_plan()])
count = sum(value.size for value in random_transformer().values())
print(count, "numbers to learn")
# %%
def run(parameters, tensor):
    """Preprocessed (n, H, W, 3) → the same; sides are multiples of 4."""
    x = tensor / SCALE
    for name, size, _, stride, doubled in transformer_plan():
        shortcut = x if name.endswith("a") else shortcut if "res" in name else 0
        x = tf.repeat(tf.repeat(x, 2, axis=1), 2, axis=2) if doubled else x
        kernel, offset = (parameters[f"{name}/{k}"] for k in ("kernel", "offset"))
        x = tf.nn.conv2d(padded(x, size), kernel, stride, "VALID")
        if name == "out":
            return SCALE * (x + offset)
        x = instance_norm(x, parameters[f"{name}/scale"], offset)
        x = x + shortcut if name.endswith("b") else tf.nn.relu(x)
# %% [markdown]
**Check** against the packaged `transform`, with random weights. Then two properties that the table promises: sides that come back,
and a photo with half the contrast that gives nearly the same picture.
# %%
start = random_transformer(seed=1)
batch = tf.constant(goal)
ours = run(start, batch)
assert ours.shape == batch.shape
assert np.allclose(ours, feedforward.transform(start, batch), atol=1e-2)
dull = run(start, batch / 2)
assert np.abs(dull - ours).numpy().mean() < 0.05 * np.abs(ours).numpy().mean()
print("✓ the packaged network; contrast does not matter")
# %% [markdown]
## 4 · Train it

Each step takes `BATCH` random crops, half of them mirrored, and one step of Adam. The learning rate falls from 0.001 to 0 along half
a cosine. The callback keeps the losses, and a preview now and then. There are only seven photos here, so the network will
learn them by heart; `nst train` takes a folder with thousands.
# %%
losses, previews = [], {}
test = [nstlib.load_image(IMAGES / "content" / "cat.jpg", 160)[:96, :144]]


def watch(fit):
    """Called after each step."""
    losses.append(fit.losses)
    if fit.step in (1, STEPS // 8, STEPS // 2, STEPS):
        made = feedforward.repaint(fit.parameters(), test[0])
        previews[f"step {fit.step}"] = made


mine, state = fitting.train_transformer(
    nstlib.load_image(STYLE), photos, settings, steps=STEPS, side=SIDE,
    batch=BATCH, callback=watch)
# %%
assert state.steps == STEPS
assert losses[-1]["style"] < 0.4 * losses[0]["style"]
show_pictures([*test, *previews.values()], ["photo", *previews], columns=5,
              width=1.5);
# %% [markdown]
**What you should see:** TODO
# %%
curves = {name: [step[name] for step in losses] for name in ("content", "style")}
axis = plot_curves(curves, range(1, STEPS + 1), "Means over the last steps", "step",
                   "loss, weight included")
axis.set_yscale("log")
# %% [markdown]
**What you should see:** TODO
# %% tags=predict [markdown]
### Predict, then run

The network has never seen the picture below: it is another painting, not a photo. Will it be repainted, or come out as
noise?

<details><summary>Answer</summary>

It is repainted. The network knows edges and areas, not cats and cups. What is in a picture hardly matters to it.

</details>
# %%
strange = nstlib.load_image(IMAGES / "style" / "cubist_guitar.jpg", 160)
again = feedforward.repaint(mine, strange)
assert again.shape == strange.shape and again.std() > 20
show_pictures([strange, again], ["a painting", "repainted"], width=2.2);
# %% [markdown]
**What you should see:** TODO
# %% tags=pitfall [markdown]
> **Pitfall: at a large size the style is gone.** The strokes of a trained network have a fixed width in pixels. It was trained on
> crops of some size, and knows no other. On a photo of 2000 pixels its strokes are a fine grain, and users of several programs
> have asked why. Train with a larger `style_scale`, or repaint the photo small and enlarge the result.
# %% [markdown]
## 5 · For a phone: TF-Lite

**Idea.** A phone does not need what TensorFlow needs for training. TF-Lite keeps only the forward pass, for pictures of one size. And
it can store numbers in fewer digits. **float16** halves the file. **int8** keeps one byte for a weight: a whole number $q$ from −127 to 127
with one factor $a$ for each channel,

$$w \approx a\,q, \qquad a = \frac{\max |w|}{127}, \qquad q = \mathrm{round}(w / a) \qquad (4)$$

| symbol | variable | shape | meaning |
|---|---|---|---|
| $w$ | `weights` | `(…, C)` | a kernel; the last axis counts the channels that come out |
| $a$ | `factor` | `(C,)` | from a whole number to the next |
| $q$ | `whole` | like $w$ | −127 … 127 |

**By hand.** The weights 0.5, −1.27 and 0.014: $a$ = 1.27/127 = 0.01, and $q$ = 50, −127 and 1. Back again they are 0.5, −1.27 and
0.01. The last one has lost a third of its value.

To compute in whole numbers, too, TF-Lite must know how large the values of all maps become. It finds out from a few example photos.
# %%
def quantise(weights):
    """(…, C) → whole numbers (…, C), factors (C,)."""
    factor = np.abs(weights).reshape(-1, weights.shape[-1]).max(0) / 127
    return np.rint(weights / factor).astype(np.int8), factor


whole, factor = quantise(np.array([[0.5], [-1.27], [0.014]]))
print(whole.ravel(), factor)
kernel = mine["res1a/kernel"]
whole, factor = quantise(kernel)
assert np.abs(whole * factor - kernel).max() <= factor.max() / 2 + 1e-7
# %%
photo = nstlib.load_image(IMAGES / "content" / "cat.jpg", 192)[:128, :192]
known = feedforward.load_transformer(SHIPPED).parameters
inside = preprocess(photo)
wanted = deprocess(feedforward.transform(known, tf.constant(inside)).numpy())
lites, kilobytes = {}, {}
for kind in lite.KINDS:
    path = OUTPUT / f"13_{kind}.tflite"
    lite.export_lite(known, path, 128, 192, kind, [photo, photo[:, ::-1]])
    lites[kind] = lite.LiteNetwork(path)(photo)
    kilobytes[kind] = path.stat().st_size // 1000
apart = {kind: np.abs(p - wanted).mean() for kind, p in lites.items()}
assert apart["float32"] < 0.5 and apart["float16"] < 2 and apart["int8"] < 30
# %%
titles = [f"{kind}, {size} kB" for kind, size in kilobytes.items()]
assert kilobytes["float32"] > 1.7 * kilobytes["float16"]
show_pictures([photo, *lites.values()], ["photo", *titles], columns=4, width=2.0);
# %% [markdown]
**What you should see:** TODO
# %% [markdown]
## Now packaged

`nst train PAINTING --photos FOLDER --minutes 30` does what part 4 did, with previews, checkpoints and `--resume`. The file it writes is
the style of `nst stylize PHOTO FILE.npz --method feedforward`.

The cell saves the network that you trained, reads it again, and repaints a photo through the one door that all methods share.
# %%
path = OUTPUT / "13_mine.npz"
facts = {"steps": state.steps, "style": Path(STYLE).name}
feedforward.save_transformer(mine, nstlib.load_image(STYLE), path, facts)
result = nstlib.stylize(large[1], path, size=256, method="feedforward")
direct = feedforward.repaint(mine, large[1], "float32")
assert np.abs(result.image - direct).mean() < 4  # float16 in the file
print(feedforward.load_transformer(path).facts["steps"], "steps;", result.stop_reason)
# %% [markdown]
## Exercises

### Exercise 1 ●○○ · normalised · 5 minutes

Standardise one picture's maps with NumPy: every channel gets mean 0 and deviation 1. There is no $\varepsilon$ here: no channel is
flat.
# %% tags=exercise
def normalised(maps):
    """(h, w, C) → (h, w, C)."""
    return ...


check.normalised(normalised)
# %% tags=hint,solution [markdown]
<details><summary>Hint</summary>

`maps.mean(axis=(0, 1))` is the mean of each channel, `(C,)`. `std` takes the same `axis`.

</details>
<details><summary>Solution</summary>

```python
def normalised(maps):
    return (maps - maps.mean(axis=(0, 1))) / maps.std(axis=(0, 1))
```

</details>
# %% [markdown]
### Exercise 2 ●●○ · transposed_row · 10 minutes

Write the transposed convolution of part 3 for a row, stride 2: the kernel is put at the places 0, 2, 4, …, each time multiplied by one
value, and everything is added up. $n$ values and a kernel of $k$ numbers give $2(n-1) + k$ numbers.
# %% tags=exercise
def transposed_row(values, kernel):
    """(n,) and (k,) → (2·(n − 1) + k,)."""
    return ...


check.transposed_row(transposed_row)
# %% tags=hint,solution [markdown]
<details><summary>Hint</summary>

Begin with zeros. For the value number `i`, add `value * kernel` to the places from `2 * i` to `2 * i + len(kernel)`.

</details>
<details><summary>Solution</summary>

```python
def transposed_row(values, kernel):
    row = np.zeros(2 * (len(values) - 1) + len(kernel))
    for i, value in enumerate(values):
        row[2 * i : 2 * i + len(kernel)] += value * kernel
    return row
```

</details>
# %% [markdown]
### Exercise 3 ●●● · rounded_weights · 12 minutes

What int8 makes of a kernel: equation (4), there and back. Each channel (the last axis) has its own factor. Return numbers like the
weights, not whole ones. A channel of nothing but zeros stays 0.
# %% tags=exercise
def rounded_weights(weights):
    """(k, k, in, C) → the same shape, rounded as int8 does it."""
    return ...


check.rounded_weights(rounded_weights)
# %% tags=hint,solution [markdown]
<details><summary>Hint</summary>

The largest value of each channel: `np.abs(weights).max(axis=(0, 1, 2))`. Where that is 0, take the factor 1. Round `weights / factor`, and
multiply by the factor again.

</details>
<details><summary>Solution</summary>

```python
def rounded_weights(weights):
    largest = np.abs(weights).max(axis=(0, 1, 2))
    factor = np.where(largest > 0, largest / 127, 1.0)
    return np.rint(weights / factor) * factor
```

</details>
# %% [markdown]
## Tweak it

Change one line of the parameter cell, then run all cells.

| change | what to expect |
|---|---|
| `STYLE_WEIGHT = 5.0` | TODO |
| `STEPS = 1000` | TODO |
| `STYLE = IMAGES / "style" / "rose_window.jpg"` | TODO |
# %% tags=quiz [markdown]
## Recap

- The loss is that of lesson 07. What changes is the unknown: weights, not pixels. One training, then any photo.
- Instance normalisation takes the photo's contrast away, and gives each channel a learned one.
- The network works at a quarter of the sides, in blocks that add to what came in. It enlarges by repeating values.
- A network knows one style, at one stroke width.
- float16 halves a file and changes nothing to be seen. int8 halves it again, and has to be looked at.

**Three questions**

<details><summary>1. The loss of a trained network on a new photo is higher than that of lesson 09's picture. Why?</summary>

The network has one try, for all photos. Lesson 09 spends hundreds of steps on this one.

</details>
<details><summary>2. Why is the style loss of the batch a mean of losses, and not the loss of the batch's mean Gram matrix?</summary>

Each picture must have the style by itself. With a mean Gram matrix, one picture could be all blue and the other all white.

</details>
<details><summary>3. Your network paints grey squares for half a second, then photos come out well. What was it?</summary>

The first steps of training. Its last layer begins with weights near 0, so it begins with grey.

</details>
# %% tags=instructor [markdown]
**For the instructor.** 80 minutes: picture 5, loss 10, normalisation 10, transformer 10, training 10, TF-Lite 5, exercises 30. Common
questions: *why only seven photos?* The course ships no more; give `--photos` a folder of your own. *Could one network know several styles?*
Yes, with a set of scales and offsets for each (Dumoulin et al., 2017). To skip: the check of the loss, part 5. Demo order: picture first,
the previews, the transposed convolution on the blackboard. To show live: `nst train` on a painting that the class chooses, for the length
of a break.
# %% [markdown]
## Further reading

- J. Johnson, A. Alahi, L. Fei-Fei: [Perceptual Losses for Real-Time Style Transfer and
  Super-Resolution](https://arxiv.org/abs/1603.08155), 2016.
- D. Ulyanov, A. Vedaldi, V. Lempitsky: [Instance Normalization: The Missing Ingredient for Fast
  Stylization](https://arxiv.org/abs/1607.08022), 2016.
- A. Odena, V. Dumoulin, C. Olah: [Deconvolution and Checkerboard Artifacts](https://distill.pub/2016/deconv-checkerboard/), 2016.
- V. Dumoulin, J. Shlens, M. Kudlur: [A Learned Representation for Artistic Style](https://arxiv.org/abs/1610.07629), 2017.

[← 12 · Any style in one second](12_adain_wct.ipynb)
