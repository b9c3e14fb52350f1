// Makes the telephone live: forms go in the background, news come by themselves, words are read aloud.
// Without this script every form of the page works as it stands.
"use strict";

const POLL_MILLISECONDS = 2000;
const GONE = "The line does not answer. Start it again with “make run”: this page goes on by itself.";
const now = document.body.dataset.now;
const title = document.title.replace("Ringing: ", "");
const shown = new Map();
let queue = Promise.resolve();
let polling = false;

const part = (name) => document.querySelector(`[data-part="${name}"]`);
const inCall = () => document.getElementById("hang-up") !== null;

// ---- what the server sends is swapped in, part by part, where it differs

async function swap(response) {
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const fault = fresh.getElementById("fault");
  if (fault) return complain(fault.textContent, response.status === 503);
  if ("passing" in part("notice").dataset) complain("", false);
  for (const old of document.querySelectorAll("[data-part]")) {
    const next = fresh.querySelector(`[data-part="${old.dataset.part}"]`);
    if (!next) continue;
    if ("log" in old.dataset) followLog(old, next);
    else if (shown.get(old.dataset.part) !== next.innerHTML) replace(old, next);
  }
  document.title = (part("ringing").firstElementChild ? "Ringing: " : "") + title;
}

function replace(old, next) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  shown.set(old.dataset.part, next.innerHTML);
  const typed = new Map([...old.querySelectorAll("input:not([type=hidden]), textarea")].map((f) => [f.id, f.value]));
  old.replaceChildren(...next.childNodes);
  for (const [id, value] of typed) if (document.getElementById(id)) document.getElementById(id).value = value;
  if (!focused) return;
  const again = focused.id && document.getElementById(focused.id);
  (again && !again.matches(":disabled") ? again : document.getElementById("said")).focus({ preventScroll: true });
}

// Only entries that are new touch the log, so that only they are announced.
function followLog(old, next) {
  const entries = [...next.children].map(plain);
  if (old.dataset.log !== next.dataset.log) old.replaceChildren(); // another call may begin with the same words
  old.dataset.log = next.dataset.log;
  entries.forEach((entry, place) => {
    const before = old.children[place];
    if (before && before.outerHTML === entry.outerHTML) return;
    if (before) before.replaceWith(entry);
    else old.append(entry);
    if (old.dataset.part === "said" && entry.classList.contains("line")) readAloud(entry);
  });
  while (old.children.length > entries.length) old.lastElementChild.remove();
}

// The mark of the newest entry is for pages that load anew; here it would make an old entry differ.
function plain(entry) {
  entry.removeAttribute("id");
  entry.removeAttribute("tabindex");
  return entry;
}

// A complaint that passes goes by itself when the line answers again; another one stays until the next act.
function complain(words, passing) {
  const notice = part("notice");
  if (passing) notice.dataset.passing = "";
  else delete notice.dataset.passing;
  if (notice.textContent === words) return;
  const paragraph = document.createElement("p");
  paragraph.className = "notice fault";
  paragraph.textContent = words;
  notice.replaceChildren(...(words ? [paragraph] : []));
  shown.delete("notice");
}

// ---- one request after another, in the order of the hand

function later(work) {
  queue = queue.then(work).catch(() => complain(GONE, true));
  return queue;
}

async function poll() {
  if (polling) return;
  polling = true;
  await later(async () => swap(await fetch(now)));
  polling = false;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  event.preventDefault();
  const fields = new URLSearchParams(new FormData(form));
  if (event.submitter && event.submitter.name) fields.append(event.submitter.name, event.submitter.value);
  const needsCall = form.querySelector("fieldset") !== null;
  quiet();
  form.reset();
  later(async () => {
    if (needsCall && !inCall()) return; // a key that was still on its way when the call ended
    await swap(await fetch(form.action, { method: "POST", body: fields }));
  });
});

// Keys of the keyboard count while the telephone has the focus, and not while somebody writes.
document.addEventListener("keydown", (event) => {
  const at = document.activeElement;
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (!at.closest(".telephone") || at.matches("input, textarea, select")) return;
  const key = [...document.querySelectorAll(".keys button")].find((button) => button.value === event.key);
  if (!key || key.matches(":disabled")) return;
  event.preventDefault();
  key.click();
});

// ---- the browser's own voice, where it has one

const voice = "speechSynthesis" in window && "SpeechSynthesisUtterance" in window ? window.speechSynthesis : null;
const aloud = document.getElementById("aloud");

function readAloud(entry) {
  if (!voice || aloud.getAttribute("aria-pressed") !== "true") return;
  const words = entry.querySelector(".words");
  const utterance = new SpeechSynthesisUtterance(words.textContent);
  utterance.lang = words.lang || "en-US";
  voice.speak(utterance);
}

function quiet() {
  if (voice) voice.cancel();
}

aloud.hidden = voice === null;
aloud.addEventListener("click", () => {
  const on = aloud.getAttribute("aria-pressed") !== "true";
  aloud.setAttribute("aria-pressed", String(on));
  quiet();
  const entries = [...part("said").children];
  const since = entries.findLastIndex((entry) => entry.classList.contains("you")) + 1;
  if (on && inCall()) entries.slice(since).filter((entry) => entry.classList.contains("line")).forEach(readAloud);
});

for (const entry of document.querySelectorAll("[data-log] > li")) plain(entry);
for (const old of document.querySelectorAll("[data-part]")) shown.set(old.dataset.part, old.innerHTML);
setInterval(poll, POLL_MILLISECONDS);
