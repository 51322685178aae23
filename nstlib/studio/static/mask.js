// A mask that is painted by hand over the photo. What is painted becomes white.
import {$, ask, make} from "./base.js";

const LONGEST = 1024; // pixels of the mask's longer side
const KEPT = 30; // steps that can be undone
const STEP = 10; // how far an arrow key moves the brush

const dialog = $("#mask");
const canvas = $("canvas", dialog);
const photo = $("img", dialog);

/** Let a person paint a mask; answer the name of the upload, "" for none, or null. */
export async function paintMask(address) {
  photo.src = address;
  await photo.decode();
  dialog.style.setProperty("--ratio", photo.naturalWidth / photo.naturalHeight);
  const scale = Math.min(1, LONGEST / Math.max(photo.naturalWidth, photo.naturalHeight));
  canvas.width = Math.round(photo.naturalWidth * scale);
  canvas.height = Math.round(photo.naturalHeight * scale);
  $("#mask-told").textContent = "";
  dialog.showModal();
  const painting = new Strokes();
  const answer = await new Promise((done) => {
    const ending = new AbortController();
    const on = (element, name, act) =>
      element.addEventListener(name, act, {signal: ending.signal});
    const end = (value) => { ending.abort(); dialog.close(); done(value); };
    painting.listen(on);
    on($("#mask-undo"), "click", () => painting.undo());
    on($("#mask-clear"), "click", () => painting.clear());
    on($("#mask-cancel"), "click", () => end(null));
    on(dialog, "cancel", (event) => { event.preventDefault(); end(null); });
    on($("#mask-done"), "click", async () => {
      if (painting.empty()) return end("");
      try {
        end(await send(await painting.mask()));
      } catch (error) {
        $("#mask-told").textContent = error.message;
      }
    });
  });
  return answer;
}

async function send(blob) {
  const data = new FormData();
  data.append("kind", "mask");
  data.append("file", blob, "mask.png");
  return (await (await ask("/uploads", {method: "POST", body: data})).json()).ref;
}

class Strokes {
  constructor() {
    this.brush = canvas.getContext("2d", {willReadFrequently: true});
    this.kept = [];
    this.at = [canvas.width / 2, canvas.height / 2];
    this.down = false;
  }

  listen(on) {
    on(canvas, "pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.begin(this.place(event));
    });
    on(canvas, "pointermove", (event) => {
      if (this.down && event.buttons) this.to(this.place(event));
    });
    for (const name of ["pointerup", "pointercancel"]) on(canvas, name, () => { this.down = false; });
    on(canvas, "keydown", (event) => this.key(event));
  }

  place(event) {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * canvas.width,
      ((event.clientY - box.top) / box.height) * canvas.height];
  }

  key(event) {
    const moves = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
    if (event.key === " ") {
      event.preventDefault();
      if (this.down) this.down = false;
      else this.begin(this.at);
    } else if (moves[event.key]) {
      event.preventDefault();
      const [x, y] = moves[event.key];
      const next = [Math.min(canvas.width, Math.max(0, this.at[0] + x * STEP)),
        Math.min(canvas.height, Math.max(0, this.at[1] + y * STEP))];
      if (this.down) this.to(next);
      this.at = next;
    }
  }

  begin(place) {
    this.kept.push(this.brush.getImageData(0, 0, canvas.width, canvas.height));
    if (this.kept.length > KEPT) this.kept.shift();
    this.down = true;
    this.at = place;
    this.to(place);
  }

  to(place) {
    const erases = $("input[name=tool]:checked", dialog).value === "eraser";
    this.brush.globalCompositeOperation = erases ? "destination-out" : "source-over";
    this.brush.lineWidth = Number($("#brush-size").value) * (canvas.width / 600);
    this.brush.lineCap = this.brush.lineJoin = "round";
    this.brush.strokeStyle = "rgb(208 60 20)";
    this.brush.beginPath();
    this.brush.moveTo(...this.at);
    this.brush.lineTo(place[0] + 0.01, place[1]);
    this.brush.stroke();
    this.at = place;
  }

  undo() {
    const before = this.kept.pop();
    if (before) this.brush.putImageData(before, 0, 0);
  }

  clear() {
    this.kept.push(this.brush.getImageData(0, 0, canvas.width, canvas.height));
    this.brush.clearRect(0, 0, canvas.width, canvas.height);
  }

  empty() {
    const {data} = this.brush.getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 3; i < data.length; i += 4) if (data[i]) return false;
    return true;
  }

  /** White where something was painted, black elsewhere, as PNG. */
  mask() {
    const made = make("canvas", {width: canvas.width, height: canvas.height});
    const brush = made.getContext("2d");
    const pixels = this.brush.getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 0; i < pixels.data.length; i += 4) {
      pixels.data.fill(pixels.data[i + 3], i, i + 3);
      pixels.data[i + 3] = 255;
    }
    brush.putImageData(pixels, 0, 0);
    return new Promise((done) => made.toBlob(done, "image/png"));
  }
}
