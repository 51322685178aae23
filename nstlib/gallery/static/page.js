"use strict";
const wall = document.querySelector(".wall");
const works = [...wall.children];
const tools = document.querySelector(".tools");
const told = tools.querySelector("output");
const room = document.querySelector("dialog");
const part = (name) => room.querySelector(`[data-part="${name}"]`);
let seen = works;
let at = 0;

tools.hidden = false;
for (const name of ["photo", "style", "label"]) {
  const select = tools.elements[name];
  const values = [...new Set(works.map((work) => work.dataset[name]))];
  for (const value of values) select.add(new Option(value || "default settings", value));
  select.closest("label").hidden = values.length < 2;
}
for (const option of [...tools.elements.sort.options]) {
  if (option.value && !works.some((work) => work.dataset[option.value])) option.remove();
}

function arrange() {
  const by = tools.elements.sort.value;
  const chosen = ["photo", "style", "label"].map((name) => [name, tools.elements[name]]);
  // The first option stands for all; others may be empty texts.
  const fits = (work) => chosen.every(([name, select]) =>
    select.selectedIndex === 0 || work.dataset[name] === select.value);
  seen = works.filter(fits);
  if (by) {
    const value = (work) => work.dataset[by] ? Number(work.dataset[by]) : Infinity;
    seen.sort((a, b) => value(a) - value(b));
  }
  for (const work of works) work.hidden = true;
  for (const work of seen) { work.hidden = false; wall.append(work); }
  document.querySelector(".none").hidden = seen.length > 0;
  told.value = seen.length === works.length
    ? `${works.length} picture${works.length === 1 ? "" : "s"}` : `${seen.length} of ${works.length} pictures`;
}

function show(index) {
  at = (index + seen.length) % seen.length;
  const work = seen[at];
  const data = work.dataset;
  const image = part("image");
  image.src = data.file || data.small;
  image.alt = work.querySelector("img").alt;
  part("title").textContent = data.photo;
  part("style").textContent = `in the style of ${data.style}`;
  part("facts").replaceChildren(...JSON.parse(data.facts).flatMap(([name, value]) => {
    const [term, text] = [document.createElement("dt"), document.createElement("dd")];
    term.textContent = name;
    text.textContent = value;
    return [term, text];
  }));
  for (const kind of ["photo", "style"]) {
    const source = part(`${kind}-image`);
    source.hidden = !data[`${kind}Image`];
    source.src = data[`${kind}Image`] || "";
    part(`${kind}-name`).textContent = data[kind];
  }
  part("command").textContent = data.command;
  part("copy").textContent = "Copy the command";
  if (!room.open) room.showModal();
  room.scrollTop = 0;
}

async function copy() {
  const text = part("command").textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {  // browsers may forbid it for files
    getSelection().selectAllChildren(part("command"));
    document.execCommand("copy");
  }
  part("copy").textContent = "Copied";
}

part("image").addEventListener("load", ({ target }) => {
  target.style.setProperty("--ratio", target.naturalWidth / target.naturalHeight);
  target.style.setProperty("--wide", `${target.naturalWidth}px`);
});
tools.addEventListener("change", arrange);
wall.addEventListener("click", (event) => {
  const work = event.target.closest(".open")?.closest(".work");
  if (work && work.querySelector("img")) show(seen.indexOf(work));
});
room.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step) { event.preventDefault(); move(step); }
});
function move(step) {
  do { at = (at + step + seen.length) % seen.length; } while (!seen[at].querySelector("img"));
  show(at);
}
part("next").addEventListener("click", () => move(1));
part("before").addEventListener("click", () => move(-1));
part("close").addEventListener("click", () => room.close());
part("copy").addEventListener("click", copy);
room.addEventListener("close", () => seen[at]?.querySelector(".open").focus());
arrange();
