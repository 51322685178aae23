// What the scripts of the pages share.

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Make an element with properties and children. */
export function make(tag, properties = {}, ...children) {
  const found = Object.assign(document.createElement(tag), properties);
  found.append(...children);
  return found;
}

/** Ask the studio; a refusal becomes an Error whose message is for people. */
export async function ask(address, options = {}) {
  let answer;
  try {
    answer = await fetch(address, {headers: {Accept: "application/json"}, ...options});
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The studio does not answer: check that it is still running.");
  }
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  const first = told.errors && Object.values(told.errors)[0];
  throw Object.assign(new Error(told.told || first || "That did not work: try it again."), {
    status: answer.status,
  });
}

export const wait = (milliseconds) =>
  new Promise((done) => setTimeout(done, milliseconds));

/** "40 s", "3 min" */
export const duration = (seconds) =>
  seconds < 100 ? `${Math.round(seconds)}\u00a0s` : `${Math.round(seconds / 60)}\u00a0min`;
