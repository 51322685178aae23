// The camera: one frame at a time is sent, painted and shown.
import {$, ask, make} from "./base.js";

const SIDE = 320; // pixels of a frame's longer side
const video = $("#camera");
const painted = $("#painted");
const told = $("#cam-told");
let stream = null;

async function start() {
  try {
    stream = await navigator.mediaDevices.getUserMedia({video: {width: 640}});
  } catch (error) {
    told.textContent = error.name === "NotAllowedError"
      ? "The browser is not allowed to use the camera: allow it for this page."
      : "No camera was found, or another program uses it: connect a camera, or close that program.";
    return;
  }
  video.srcObject = stream;
  await video.play();
  $("#cam-start").textContent = "Stop the camera";
  $("#cam-shot").disabled = false;
  told.textContent = "The camera is on.";
  $("#cam").classList.add("on");
  loop();
}

function stop() {
  for (const track of stream.getTracks()) track.stop();
  stream = null;
  $("#cam-start").textContent = "Start the camera";
  told.textContent = "The camera is off.";
  $("#cam").classList.remove("on");
  $("#cam-speed").textContent = "";
}

/** Send a frame, wait for it, show it, and send the next: never two at once. */
async function loop() {
  const small = make("canvas");
  const times = [];
  while (stream) {
    const scale = SIDE / Math.max(video.videoWidth, video.videoHeight);
    small.width = Math.round(video.videoWidth * scale);
    small.height = Math.round(video.videoHeight * scale);
    small.getContext("2d").drawImage(video, 0, 0, small.width, small.height);
    const blob = await new Promise((done) => small.toBlob(done, "image/jpeg", 0.85));
    const query = new URLSearchParams({style: $("#cam-style").value, method: $("#cam-method").value});
    const began = performance.now();
    try {
      const answer = await ask(`/webcam/frame?${query}`, {method: "POST", body: blob});
      const frame = await createImageBitmap(await answer.blob());
      painted.width = frame.width;
      painted.height = frame.height;
      painted.getContext("2d").drawImage(frame, 0, 0);
    } catch (error) {
      told.textContent = error.message;
      await new Promise((done) => setTimeout(done, 1000));
      continue;
    }
    const now = performance.now();
    times.push(now);
    while (times.length > 10) times.shift();
    const rate = times.length > 1 ? (1000 * (times.length - 1)) / (now - times[0]) : 0;
    $("#cam-speed").textContent =
      `${rate.toFixed(1)} frames a second, ${Math.round(now - began)} ms of delay`;
  }
}

$("#cam-start").addEventListener("click", () => (stream ? stop() : start()));
$("#cam-shot").addEventListener("click", () => {
  const name = $("#cam-style").selectedOptions[0].textContent;
  const image = make("img", {src: painted.toDataURL("image/png"), alt: `A snapshot in the style of ${name}`});
  const link = make("a", {href: image.src, download: "snapshot.png", textContent: "Download",
    className: "button quiet"});
  $("#shots").prepend(make("li", {}, image, link));
});
if (!navigator.mediaDevices) {
  told.textContent = "Browsers allow a camera only for pages from the same computer or over https: "
    + "open the studio on the computer that runs it, or at an https address.";
  $("#cam-start").disabled = true;
}
