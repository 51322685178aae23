// Divides the slides into pages of 1280 × 720 pixels, and turns the pages.
"use strict";

const deck = document.getElementById("deck");
const notes = document.getElementById("notes");
const WIDTH = 1280, HEIGHT = 720;
const ENLARGED = 1.5;      // figures are drawn for a notebook, which is read from close up
const LOWEST_FIGURE = 240; // pixels; no figure is made lower to make room for its text
const SMALLEST_TEXT = 14;  // pixels; no code is written smaller to fit on a page
let pages = [], current = 0;

function newPage(title) {
  const page = document.createElement("div");
  page.className = "page";
  page.tabIndex = -1;
  if (title) {
    const again = document.createElement("p");
    again.className = "again";
    again.textContent = title;
    page.append(again);
  }
  deck.append(page);
  return page;
}

const overflow = page => page.scrollHeight - page.clientHeight;
const content = page => [...page.children].filter(block => block.className !== "again");

// Whether a block must stay on the page of the block that follows it.
function keeps(block, following) {
  if (/^H[1-4]$/.test(block.tagName)) return true;
  if (block.matches("figure")) return /^What you should see/.test(following.textContent);
  return block.matches(".highlight") && following.matches("pre.text");
}

function enlarge(image) {
  const width = Number(image.getAttribute("width")) || image.naturalWidth;
  image.style.width = `${Math.min(ENLARGED * width, WIDTH - 120)}px`;
  image.style.objectFit = "contain";
}

function lower(page) {
  const image = page.querySelector("figure img");
  if (!image || overflow(page) <= 0) return;
  const height = image.clientHeight - overflow(page);
  if (height >= LOWEST_FIGURE) image.style.maxHeight = `${height}px`;
}

// Write a block of code smaller if it is only a little too high for a page of its own.
function tighten(page, block) {
  const code = block.matches("pre") ? block : block.querySelector("pre");
  if (!code || overflow(page) <= 0) return;
  const share = 1 - overflow(page) / block.clientHeight;
  const size = Math.floor(parseFloat(getComputedStyle(code).fontSize) * share);
  if (size >= SMALLEST_TEXT) code.style.fontSize = `${size}px`;
}

// Put a block on the page, or on a new one together with what belongs to it.
function place(block, page, title) {
  page.append(block);
  if (overflow(page) <= 0) return page;
  const before = content(page).slice(0, -1);
  let first = before.length;
  while (first > 0 && keeps(before[first - 1], before[first] || block)) first -= 1;
  let next = page;
  if (first > 0) {
    next = newPage(title);
    next.append(...before.slice(first), block);
  }
  lower(next);
  if (overflow(next) > 0 && first < before.length && !/^H/.test(before.at(-1).tagName)) {
    next = newPage(title);
    next.append(block);
  }
  tighten(next, block); // what is still too high scrolls
  return next;
}

function divide(slide) {
  const heading = slide.querySelector("h1, h2, h3");
  const title = heading ? heading.textContent : "";
  const blocks = [...slide.querySelectorAll(":scope > .cell > *")];
  let page = newPage("");
  for (const block of blocks) page = place(block, page, title);
  slide.remove();
}

function show(number) {
  current = Math.max(0, Math.min(number, pages.length - 1));
  pages.forEach((page, index) => page.classList.toggle("current", index === current));
  pages[current].focus({ preventScroll: true });
  document.getElementById("number").textContent = `${current + 1} / ${pages.length}`;
  history.replaceState(null, "", `#${current + 1}`);
}

function fit() {
  const scale = Math.min(innerWidth / WIDTH, innerHeight / HEIGHT);
  deck.style.transform = `scale(${scale})`;
  deck.style.left = `${(innerWidth - scale * WIDTH) / 2}px`;
  deck.style.top = `${(innerHeight - scale * HEIGHT) / 2}px`;
}

const KEYS = {
  ArrowRight: () => show(current + 1),
  PageDown: () => show(current + 1),
  " ": () => show(current + 1),
  ArrowLeft: () => show(current - 1),
  PageUp: () => show(current - 1),
  Home: () => show(0),
  End: () => show(pages.length - 1),
  s: () => { notes.hidden = !notes.hidden; },
};

addEventListener("keydown", event => {
  const answer = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  const folds = event.target.tagName === "SUMMARY" && event.key === " ";
  if (!answer || folds || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  answer();
});
addEventListener("resize", fit);
addEventListener("hashchange", () => show(Number(location.hash.slice(1)) - 1));
document.getElementById("back").onclick = () => show(current - 1);
document.getElementById("on").onclick = () => show(current + 1);

addEventListener("load", () => {
  document.body.classList.add("ready");
  document.querySelectorAll("figure img").forEach(enlarge);
  document.querySelectorAll(".slide").forEach(divide);
  pages = [...document.querySelectorAll(".page")];
  if (pages[0].querySelector("h1")) pages[0].classList.add("first");
  fit();
  show((Number(location.hash.slice(1)) || 1) - 1);
});
