// The page of a job: the growing picture, before and after, and the stages.
import {$, $$, ask, duration, make, wait} from "./base.js";

const work = $(".work");

/** Tell the styles how wide a picture is for its height, so that it fits the screen. */
const shape = (image) => {
  const set = () => work.style.setProperty("--ratio", image.naturalWidth / image.naturalHeight);
  if (image.complete && image.naturalWidth) set();
  image.addEventListener("load", set);
};
const address = work.dataset.job;

function curve(points, evaluations) {
  const kept = points.filter(([, loss]) => loss > 0).map(([n, v]) => [n, Math.log(v)]);
  if (kept.length < 2) return;
  const values = kept.map(([, value]) => value);
  const low = Math.min(...values);
  const high = Math.max(...values, low + 1e-9);
  const across = 300 / Math.max(1, evaluations - 1);
  const line = kept.map(([n, value]) =>
    `${((n - 1) * across).toFixed(1)},${(2 + (76 * (high - value)) / (high - low)).toFixed(1)}`);
  $("#line").setAttribute("points", line.join(" "));
  $(".curve").hidden = false;
}

function say(known, stopping) {
  if (stopping) return "The run is stopping. It keeps the best picture so far.";
  if (known.state === "waiting" || !known.evaluation) {
    const others = known.ahead === 1 ? "1 picture comes" : `${known.ahead} pictures come`;
    const place = known.ahead ? `${others} before yours.`
      : known.state === "running" ? "The painter is getting ready." : "Yours is next.";
    return `${place} Your picture will be finished in about ${duration(known.seconds)}.`;
  }
  const left = known.left === null ? "" : `, about ${duration(known.left)} left`;
  return `Evaluation ${known.evaluation} of ${known.evaluations}${left}`;
}

async function watch() {
  const points = [];
  let shown = 0, stopping = false, told = "";
  $("#stop")?.closest("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    stopping = true;
    $("#stop").disabled = true;
    await ask(`${address}/stop`, {method: "POST"}).catch(() => {
      stopping = $("#stop").disabled = false;
    });
  });
  for (;;) {
    let known;
    try {
      known = await (await ask(`${address}/state?since=${points.length}`)).json();
    } catch (error) {
      if (error.status === 404) return location.reload();
      $("#status").textContent = `${error.message} Your picture is safe, and this page asks again.`;
      await wait(2000);
      continue;
    }
    if (!["waiting", "running"].includes(known.state)) return location.reload();
    points.push(...known.points);
    if (points.length) curve(points, known.evaluations || points.length);
    const news = say(known, stopping);
    if (news !== told) $("#status").textContent = told = news;
    if (known.evaluations) {
      $("#progress").max = known.evaluations;
      $("#progress").value = known.evaluation;
      $("#stop").textContent = "Stop and keep the best picture";
    }
    if (known.pictures !== shown) {
      const next = new Image();
      next.src = `${address}/now.jpg?${known.pictures}`;
      await next.decode().then(() => {
        shown = known.pictures;
        $("#now").src = next.src;
        $("#now").alt = "The picture so far";
      }, () => {});
    }
    await wait(document.hidden ? 3000 : 600);
  }
}

/** Lay the photo over the result; a slider, which keys move, says how much of it. */
function compare() {
  const place = $("#compare");
  const [result, photo] = $$("img", place);
  photo.className = "old";
  const lap = make("span", {className: "lap"}, result, photo);
  const frame = make("figure", {className: "frame"}, lap);
  const slider = make("input", {type: "range", min: 0, max: 100, value: 0, id: "before"});
  slider.setAttribute("aria-label", "How much of the photo is shown, in percent");
  const told = make("output", {htmlFor: "before"});
  const move = () => {
    lap.style.setProperty("--at", `${slider.value}%`);
    told.textContent = `${slider.value}\u00a0%`;
  };
  slider.addEventListener("input", move);
  lap.addEventListener("pointermove", (event) => {
    if (!event.buttons && event.pointerType === "mouse") return;
    const box = lap.getBoundingClientRect();
    slider.value = (100 * (event.clientX - box.left)) / box.width;
    move();
  });
  const label = make("label", {htmlFor: "before"}, "The photo over the result", told);
  place.classList.add("sliding");
  place.replaceChildren(frame, make("div", {className: "slider"}, label, slider));
  move();
}

/** One large picture with a slider beside the small ones. */
function scrub() {
  const place = $("#stages");
  const items = $$("li", place);
  const images = $$("img", place);
  const shown = make("img", {src: images.at(-1).src, alt: images.at(-1).alt});
  const slider = make("input", {type: "range", min: 0, max: images.length - 1,
    value: images.length - 1, id: "stage"});
  const told = make("output", {htmlFor: "stage", textContent: images.at(-1).alt});
  const show = () => {
    const image = images[slider.value];
    shown.src = image.src;
    shown.alt = told.textContent = image.alt;
    slider.setAttribute("aria-valuetext", image.alt);
    items.forEach((item, number) => item.classList.toggle("shown", number === +slider.value));
  };
  slider.addEventListener("input", show);
  items.forEach((item, number) => item.addEventListener("click", () => {
    slider.value = number;
    show();
  }));
  const label = make("label", {htmlFor: "stage"}, "Stage", told);
  const control = make("div", {className: "slider"}, label, slider);
  for (const image of images) image.loading = "eager";
  place.classList.add("scrubbing");
  place.append(make("div", {className: "stage"}, make("figure", {className: "frame"}, shown), control));
  show();
}

shape($(".hang img"));
if (["waiting", "running"].includes(work.dataset.state)) watch();
if ($("#compare")) compare();
if ($("#stages")) scrub();
$("#delete")?.closest("form").addEventListener("submit", (event) => {
  if (!confirm("Delete this picture for good?")) event.preventDefault();
});
