// The page: joins files, options, service and picture. The order of things is here and nowhere else.

import { about, erase, Failure, sampleFile, submit } from "./api.js";
import { saveJson, savePng, saveSvg } from "./exports.js";
import { showFacts } from "./facts.js";
import { apiKey, chosenStyle, hush, landmarkUnits, offerSchemes, readOptions, say, watchOptions } from "./options.js";
import { readDrawing } from "./overlay.js";
import { RegionList } from "./regions.js";
import { NAMES, Slots } from "./slots.js";
import { curl, python } from "./snippets.js";
import { Stage } from "./stage.js";
import { advice, bytes, count, degrees, FIELDS, milliseconds, sentence } from "./words.js";

const $ = (selector) => document.querySelector(selector);
const SAMPLE = { image: "image.jpg", segmentation_map: "segmentation.png", landmarks: "landmarks.json" };
const WARNING_FIELDS = { landmarks_do_not_match_map: "landmarks", zones_incomplete: "options.regions" };
const OPACITY = { default: 40, numbered: 40, solid: 100, outline: 0 };
const PAUSE_MS = 150; // a slider that is moved asks once, when it rests
const TYPING_MS = 700;

let answer = null;
let sent = { options: {} };
let colors = {};
let running = null;
let timer = 0;
let mostBytes = Infinity;
let jobs = new Set();
let again = trace; // what failed last
const sampled = new WeakSet(); // files that are the sample's: whoever copies the code has to get them first

const stage = new Stage($("#stage"), (id) => regions.mark(id));
const regions = new RegionList({
  onShown: (id, shown) => stage.setShown(id, shown),
  onActive: (id) => stage.setActive(id),
  onColor: (name, color) => {
    colors[name] = color;
    trace();
  },
});
const slots = new Slots(filesChanged);

function filesChanged(names) {
  if (names.includes("image")) stage.setPhoto(slots.photo);
  showPoints();
  const { files } = slots;
  const some = NAMES.some((name) => files[name]);
  $("#empty").hidden = Boolean(slots.photo);
  $("#clear").hidden = !some;
  $("#sample").hidden = some;
  $("#toolbar").inert = !some;
  trace({ fresh: true });
}

/** Hands in what there is, now. `fresh`: the files are others, so what was found before is of another picture. */
async function trace({ fresh = false } = {}) {
  clearTimeout(timer);
  running = null;
  busy(false);
  hush(fresh ? "" : "error"); // warnings mostly come again, and should not blink
  $("#banner").hidden = true;
  if (fresh) forget();
  const { files } = slots;
  if (!isReady(files)) return;
  const options = readOptions(colors);
  if (!options) {
    stale("Not traced: an option is not valid, see the form.");
    return;
  }
  const run = {};
  running = run;
  busy(true);
  const [key, mine] = [apiKey(), jobs];
  const onId = (id) => (mine === jobs ? jobs.add(id) : erase(id, key)); // cleared in the meantime
  try {
    const done = await submit(files, options, { key, onId });
    if (running !== run) return; // another run has taken over
    sent = { files, options, key: Boolean(key) };
    show(done, fresh);
  } catch (error) {
    if (running === run) fail(error);
  } finally {
    if (running === run) busy(false);
  }
}

/** Whether the files can be handed in; says what stands against it. */
function isReady(files) {
  for (const [name, complaint] of Object.entries(slots.complaints)) if (complaint) say(name, complaint, "error");
  const missing = NAMES.slice(0, 2).filter((name) => !files[name]);
  if (missing.length > 0) {
    const some = NAMES.some((name) => files[name]);
    tell(some ? `Still needed: ${missing.map((name) => FIELDS[name]).join(" and ")}.` : "");
    return false;
  }
  const size = NAMES.reduce((sum, name) => sum + (files[name]?.size ?? 0), 0);
  if (size <= mostBytes) return true;
  const text = `The files have ${bytes(size)} together, this service takes ${bytes(mostBytes)}. Scale the photo down`;
  say("image", text, "error");
  tell(sentence(`Not traced: ${text}`));
  return false;
}

function show({ answer: got, roundTrip }, fresh) {
  answer = got;
  document.body.classList.remove("stale");
  hush(); // what this browser could not read the service may have
  const drawing = readDrawing(got);
  stage.setAnswer(got, drawing);
  regions.show(got, stage.parts);
  showFacts(got, roundTrip, slots.photo);
  showSnippet();
  $("#take").hidden = false;
  $("#downloads").hidden = false;
  if (fresh) turn();
  const warnings = got.warnings.map(({ code, detail }) => {
    const field = WARNING_FIELDS[code] ?? "";
    return say(field, detail, "warning", code) ? `A warning about ${FIELDS[field] ?? "an option"}: see the form.` : sentence(detail);
  });
  const parts = [count(stage.parts.size, "region"), `roll ${degrees(got.roll_degrees)}`];
  tell([`${parts.join(", ")}, in ${milliseconds(got.timings_ms.total)}.`, ...warnings].join(" "));
}

/** An error goes to its field; one without a field over the picture. `retry` is what failed. */
function fail(error, retry = trace) {
  const failure = error instanceof Failure ? error : new Failure({ code: "page_error", detail: `This page failed: ${error.message}` });
  const text = `${sentence(failure.message)} ${advice(failure.code)}`.trim();
  hush();
  const [head] = failure.field.split(/[.[]/);
  const found = failure.field && say(failure.field, text, "error", failure.code);
  if (!found) {
    $("#banner-text").textContent = text;
    $("#banner").hidden = false;
    again = retry;
  }
  const where = FIELDS[head] ?? (found ? "an option" : "");
  stale(where ? `Not traced, because of ${where}: ${text}` : text, !found);
  if (head === "authorization") $("#key").focus(); // nothing can be done but to write it
  else if (FIELDS[head]) forget();
}

/** What is shown is older than the form. */
function stale(text, quiet = false) {
  document.body.classList.toggle("stale", Boolean(answer));
  tell(text, quiet);
}

/** Takes away what was found. */
function forget() {
  answer = null;
  document.body.classList.remove("stale");
  stage.setAnswer(null, null);
  regions.show(null, new Map());
  showFacts(null);
  $("#take").hidden = true;
  $("#downloads").hidden = true;
}

/** One line under the picture, read aloud. `quiet`: for the eyes it stands over the picture already. */
function tell(text, quiet = false) {
  const status = $("#status");
  status.textContent = text;
  status.classList.toggle("hidden", quiet);
}

function busy(on) {
  document.body.classList.toggle("busy", on);
}

function showPoints() {
  stage.setPoints($("#points").checked ? slots.points(landmarkUnits()) : null);
}

function turn() {
  stage.turn($("#views").querySelector(":checked").value === "upright");
}

function showSnippet() {
  if (!answer) return;
  const write = $("[name=language]:checked").value === "curl" ? curl : python;
  const toGet = Object.values(sent.files).filter((file) => sampled.has(file));
  $("#code").textContent = write(sent, toGet.map((file) => file.name));
}

async function copySnippet() {
  const code = $("#code");
  const button = $("#copy");
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(code); // without a secure address there is no clipboard
    button.textContent = "Press Ctrl+C";
  }
  setTimeout(() => {
    button.textContent = "Copy";
  }, 1800);
}

async function useSample() {
  $("#banner").hidden = true;
  try {
    const files = await Promise.all(Object.values(SAMPLE).map(sampleFile));
    for (const file of files) sampled.add(file);
    await slots.put(Object.fromEntries(Object.keys(SAMPLE).map((name, i) => [name, files[i]])));
    $("#stage").scrollIntoView({ block: "nearest" });
    $("#stage").focus({ preventScroll: true });
  } catch (error) {
    fail(error, useSample);
  }
}

async function clearAll() {
  colors = {};
  eraseJobs();
  await slots.put({ image: null, segmentation_map: null, landmarks: null });
  $("#sample").focus();
}

function eraseJobs() {
  for (const id of jobs) erase(id, apiKey());
  jobs = new Set();
}

/** Fill, numbers and photo are looks of the page: nothing is asked of the service. */
function paint() {
  const style = chosenStyle();
  const scene = $("#scene");
  scene.dataset.paint = style;
  scene.style.setProperty("--fill", $("#opacity").value / 100);
  scene.classList.toggle("numbered", $("#numbers").checked);
  scene.classList.toggle("bare", !$("#photo").checked);
}

function optionChanged(input) {
  if (input.name === "style" || input.id === "defaults") {
    $("#opacity").value = OPACITY[chosenStyle()];
    $("#numbers").checked = chosenStyle() === "numbered";
    paint();
  }
  if (input.id === "defaults") colors = {};
  if (input.name === "landmark_units") showPoints();
  clearTimeout(timer);
  if (slots.files.image && slots.files.segmentation_map) timer = setTimeout(trace, input.id === "extra" ? TYPING_MS : PAUSE_MS);
}

function watchDrops() {
  const over = (on) => document.body.classList.toggle("dropping", on);
  const files = (event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    over(true);
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) over(false);
  });
  addEventListener("drop", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    over(false);
    const slot = event.target.closest(".slot");
    const { files: list } = event.dataTransfer;
    if (slot && list.length === 1) slots.put({ [slot.dataset.field]: list[0] });
    else slots.sort([...list]);
  });
}

function watchButtons() {
  const clicks = {
    "#sample": useSample,
    "#sample-large": useSample,
    "#choose": () => $("#file-any").click(),
    "#clear": clearAll,
    "#again": () => again(),
    "#copy": copySnippet,
    "#zoom-in": () => stage.zoomBy(1.6),
    "#zoom-out": () => stage.zoomBy(1 / 1.6),
    "#zoom-fit": () => stage.fit(),
    "#download-svg": () => saveSvg(answer, "face"),
    "#download-json": () => saveJson(answer, "face"),
    "#download-png": () => savePng(answer, [...stage.parts.values()], pngLook(), "face"),
  };
  for (const [selector, call] of Object.entries(clicks)) $(selector).addEventListener("click", call);
  $("#file-any").addEventListener("change", async ({ target }) => {
    await slots.sort([...target.files]);
    target.value = ""; // so that the same files may be chosen again
  });
  $("#views").addEventListener("input", turn);
  $("#points").addEventListener("input", showPoints);
  for (const id of ["#opacity", "#numbers", "#photo"]) $(id).addEventListener("input", paint);
  for (const radio of document.querySelectorAll("[name=language]")) radio.addEventListener("input", showSnippet);
  addEventListener("pagehide", eraseJobs);
}

function pngLook() {
  const [opacity, numbers, photo] = [$("#opacity").value / 100, $("#numbers").checked, $("#photo").checked];
  return { opacity, numbers, style: chosenStyle(), photo: photo ? slots.files.image : null };
}

$("#options").open = matchMedia("(min-width: 62rem)").matches;
watchDrops();
watchButtons();
watchOptions(optionChanged);
paint();
about().then(
  (facts) => {
    $("#version").textContent = facts.version;
    mostBytes = facts.body_bytes - 10_000; // options and the form's own lines
    offerSchemes(facts);
  },
  () => {}, // the page works without; a service that is away is told when a job is handed in
);
