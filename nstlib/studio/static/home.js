// The form: uploads by hand, by drop and by paste; sliders; the preview.
import {$, $$, ask, make, wait} from "./base.js";
import {paintMask} from "./mask.js";

const form = $("form.studio");
document.body.classList.add("scripted");

// --- uploads

const SECTIONS = {
  photo: {place: $("#photos"), name: "photo", type: "radio"},
  painting: {place: $("#styles"), name: "style", type: "checkbox"},
};

function told(place, text) {
  let line = $(":scope > .error", place);
  if (!line) {
    line = make("p", {className: "error"});
    line.setAttribute("role", "alert");
    $("legend", place).after(line);
  }
  line.textContent = text;
}

function addTile(kind, found) {
  const {place, name, type} = SECTIONS[kind];
  const id = `${name}-${found.ref}`;
  const input = make("input", {className: "pick", type, name, value: found.ref, id, checked: true});
  Object.assign(input.dataset, {full: found.address, title: found.title});
  const image = make("img", {src: `${found.address}?small`, alt: ""});
  const label = make("label", {className: "tile", htmlFor: id}, image,
    make("span", {textContent: found.title}));
  const parts = [input, label];
  if (kind === "painting") {
    const weight = make("input", {type: "text", name: `weight.${found.ref}`, value: "1",
      id: `f-weight.${found.ref}`, inputMode: "decimal"});
    const mask = make("input", {type: "hidden", name: `mask.${found.ref}`});
    const share = make("div", {className: "share"},
      make("label", {htmlFor: weight.id}, "Weight ",
        make("span", {className: "hidden", textContent: `of ${found.title}`})), weight, mask);
    const choice = make("div", {className: "choice"}, ...parts, share);
    $(".tiles .drop", place).after(choice);
    addMaskButton(choice);
  } else {
    $(".tiles .drop", place).after(...parts);
  }
  form.dispatchEvent(new Event("change"));
}

async function upload(kind, file) {
  const {place} = SECTIONS[kind];
  const data = new FormData();
  data.append("kind", kind);
  data.append("file", file, file.name || "pasted");
  place.classList.add("busy");
  told(place, "");
  try {
    addTile(kind, await (await ask("/uploads", {method: "POST", body: data})).json());
  } catch (error) {
    told(place, error.message);
  }
  place.classList.remove("busy");
}

for (const [kind, {place}] of Object.entries(SECTIONS)) {
  const input = $(".drop input", place);
  input.addEventListener("change", async () => {
    const files = [...input.files];
    input.value = "";
    for (const file of files) await upload(kind, file);
  });
  for (const name of ["dragover", "dragenter"]) {
    place.addEventListener(name, (event) => {
      event.preventDefault();
      place.classList.add("over");
    });
  }
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("over");
    for (const file of event.dataTransfer.files) upload(kind, file);
  });
}
addEventListener("paste", (event) => {
  for (const file of event.clipboardData.files) {
    event.preventDefault();
    upload($("#styles").contains(document.activeElement) ? "painting" : "photo", file);
  }
});

// --- masks

function addMaskButton(choice) {
  const pick = $(".pick", choice);
  const field = $(`input[type=hidden]`, choice);
  const button = make("button", {type: "button", className: "quiet"});
  const name = () => {
    button.textContent = field.value ? "Draw a new mask ✓" : "Draw a mask";
    button.setAttribute("aria-label", `${button.textContent} for ${pick.dataset.title}`);
  };
  name();
  button.addEventListener("click", async () => {
    const photo = $("input[name=photo]:checked");
    if (!photo) return told($("#photos"), "Choose a photo first.");
    const found = await paintMask(photo.dataset.full);
    if (found === null) return;
    field.value = found;
    name();
    form.dispatchEvent(new Event("change"));
  });
  $(".share", choice).append(button);
}
$$(".choice").forEach(addMaskButton);

// --- sliders beside the numbers

for (const pair of $$(".pair[data-low]")) {
  const number = $("input", pair);
  const {low, high, step} = pair.dataset;
  const slider = make("input", {type: "range", min: low, max: high, step});
  const set = () => { slider.value = number.value || number.placeholder; };
  slider.setAttribute("aria-label", `${$("label", pair.parentElement).textContent}, slider`);
  set();
  slider.addEventListener("input", () => { number.value = slider.value; });
  number.addEventListener("input", set);
  pair.prepend(slider);
}

// --- the preview

const wall = $("#wall");
const picture = make("img", {alt: "A small preview of the result"});
const frame = make("figure", {className: "frame"}, picture);
const line = make("p", {className: "hint"});
line.setAttribute("role", "status");
wall.append(frame, line);
wall.hidden = false;

function showPhoto() {
  const photo = $("input[name=photo]:checked");
  if (photo && !picture.src.startsWith("blob:")) picture.src = `${photo.dataset.full}`;
}

const refined = () => !["", "0"].includes($("#f-refine").value.trim());

let wanted = 0, running = false;
async function preview() {
  wanted += 1;
  if (running) return;
  running = true;
  for (let mine = -1; mine !== wanted;) {
    mine = wanted;
    await wait(350); // until the hand rests
    if (mine !== wanted) continue;
    const data = new FormData(form);
    for (const name of [...data.keys()]) if (name.endsWith("_file")) data.delete(name);
    frame.classList.add("waiting");
    line.textContent = "Painting a preview …";
    try {
      const answer = await ask("/preview", {method: "POST", body: data});
      const spent = `${Number(answer.headers.get("X-Seconds")).toFixed(1)}\u00a0s`;
      if (picture.src.startsWith("blob:")) URL.revokeObjectURL(picture.src);
      picture.src = URL.createObjectURL(await answer.blob());
      const way = $("input[name=way]:checked");
      line.textContent = way.dataset.method === "optimize"
        ? `This rough preview was painted by WCT at 256 pixels in ${spent}. Your picture will be finer.`
        : `This small preview was painted in ${spent}${refined() ? ", without the refinement" : ""}.`;
    } catch (error) {
      line.textContent = error.message;
      if (error.status === 503) { await wait(1500); wanted += 1; }
    }
    frame.classList.remove("waiting");
  }
  running = false;
}

/** Hide the headings under which the method has no knobs. */
function showGroups() {
  for (const group of $$(".experts fieldset")) {
    group.hidden = false;
    group.hidden = $$(".knob", group).every((knob) => getComputedStyle(knob).display === "none");
  }
}

showPhoto();
showGroups();
preview();
form.addEventListener("change", (event) => {
  showGroups();
  if (event.target.type === "file" || event.target.name === "recipe") return;
  showPhoto();
  preview();
});
form.addEventListener("submit", (event) => {
  if (event.submitter?.value === "recipe") return;
  $("#run").disabled = true;
  $("#run").textContent = "Sending …";
});
addEventListener("pageshow", () => {
  $("#run").disabled = false;
  $("#run").textContent = "Paint it";
});
$(".alert")?.scrollIntoView({block: "nearest"});
