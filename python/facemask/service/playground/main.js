// Composition: joins file inputs, options, API client and viewer, and controls the order of events.

import { ApiError, erase, fetchSampleFile, fetchServiceInfo, submit } from "./api.js";
import { saveJson, savePng, saveSvg } from "./exports.js";
import { FIELD_NAMES, FileInputs } from "./file-inputs.js";
import { advice, bytes, count, degrees, FIELDS, milliseconds, sentence } from "./format.js";
import { apiKey, chosenStyle, clearMessages, fillSchemes, landmarkUnits, readOptions, showMessage, watchOptions } from "./options.js";
import { readDrawing } from "./overlay.js";
import { RegionList } from "./regions.js";
import { showResultDetails } from "./result-details.js";
import { curl, python } from "./snippets.js";
import { Viewer } from "./viewer.js";

const $ = (selector) => document.querySelector(selector);
const SAMPLE = { image: "image.jpg", segmentation_map: "segmentation.png", landmarks: "landmarks.json" };
const WARNING_FIELDS = {
  labels_from_landmarks: "landmarks", landmarks_do_not_match_map: "landmarks", several_faces: "options.face", zones_incomplete: "options.regions",
  regions_missing: "options.regions", map_labels_in_padding: "options.map_fit", map_empty: "segmentation_map",
  map_sides_exchanged: "segmentation_map", map_void_ignored: "options.void",
  map_interpolated: "segmentation_map", map_ids_scaled: "segmentation_map",
  map_palette_reordered: "segmentation_map", map_hidden_pixels: "segmentation_map",
};
const OPACITY = { default: 40, numbered: 40, solid: 100, outline: 0, cut: 0 };
const DEBOUNCE_MS = 150; // a moving slider submits once, when it rests
const TYPING_DEBOUNCE_MS = 700;

let result = null;
let submitted = { options: {} };
let colors = {};
let currentRun = null;
let debounceTimer = 0;
let maxBytes = Infinity;
let detectsFaces = false; // whether the service has the networks for a photo alone
let jobIds = new Set();
let retryFailed = trace; // repeats the action that failed last
const sampleFiles = new WeakSet(); // the code snippets download these first

const viewer = new Viewer($("#viewer"), (id) => regions.highlight(id));
const regions = new RegionList({
  onShown: (id, shown) => viewer.setShown(id, shown),
  onActive: (id) => viewer.setActive(id),
  onColor: (name, color) => {
    colors[name] = color;
    trace();
  },
});
const fileInputs = new FileInputs(filesChanged);

function filesChanged(names) {
  if (names.includes("image")) viewer.setPhoto(fileInputs.photo);
  showPoints();
  const { files } = fileInputs;
  const hasFiles = FIELD_NAMES.some((name) => files[name]);
  $("#empty").hidden = Boolean(fileInputs.photo);
  $("#clear").hidden = !hasFiles;
  $("#sample").hidden = hasFiles;
  $("#toolbar").inert = !hasFiles;
  trace({ isNewInput: true });
}

/** Submits the current input. `isNewInput`: the files have changed, so the previous result is of another photo. */
async function trace({ isNewInput = false } = {}) {
  clearTimeout(debounceTimer);
  currentRun = null;
  setBusy(false);
  clearMessages(isNewInput ? "" : "error"); // warnings mostly recur, and should not blink
  $("#banner").hidden = true;
  if (isNewInput) clearResult();
  const { files } = fileInputs;
  if (!isReady(files)) return;
  const options = readOptions(colors);
  if (!options) {
    markStale("Not traced: an option is not valid, see the form.");
    return;
  }
  if (isPhotoAlone(files)) options.detect = true;
  const run = {};
  currentRun = run;
  setBusy(true);
  const [key, idsAtStart] = [apiKey(), jobIds];
  const onId = (id) => (idsAtStart === jobIds ? jobIds.add(id) : erase(id, key)); // cleared in the meantime
  try {
    const completed = await submit(files, options, { key, onId });
    if (currentRun !== run) return; // superseded
    submitted = { files, options, key: Boolean(key) };
    show(completed, isNewInput);
  } catch (error) {
    if (currentRun === run) showError(error);
  } finally {
    if (currentRun === run) setBusy(false);
  }
}

const isPhotoAlone = (files) => Boolean(files.image) && !files.segmentation_map && !files.landmarks;

/** Returns the names of the files that are still needed: landmarks, given or detected, take the place of a label map. */
function missingFields(files) {
  if (detectsFaces && isPhotoAlone(files)) return [];
  const needed = files.landmarks ? ["image"] : ["image", "segmentation_map"];
  return needed.filter((name) => !files[name]);
}

/** Returns whether the files can be submitted; shows the reason otherwise. */
function isReady(files) {
  for (const [name, error] of Object.entries(fileInputs.errors)) if (error) showMessage(name, error, "error");
  const missing = missingFields(files);
  if (missing.length > 0) {
    const hasFiles = FIELD_NAMES.some((name) => files[name]);
    const hint = isPhotoAlone(files) ? " A photo alone is enough once “facemask models fetch” has run on the server." : "";
    announce(hasFiles ? `Still needed: ${missing.map((name) => FIELDS[name]).join(" and ")}.${hint}` : "");
    return false;
  }
  const size = FIELD_NAMES.reduce((sum, name) => sum + (files[name]?.size ?? 0), 0);
  if (size <= maxBytes) return true;
  const text = `The files have ${bytes(size)} together, this service takes ${bytes(maxBytes)}. Scale the photo down`;
  showMessage("image", text, "error");
  announce(sentence(`Not traced: ${text}`));
  return false;
}

function show({ result: newResult, roundTrip }, isNewInput) {
  result = newResult;
  document.body.classList.remove("stale");
  clearMessages(); // the service can decode files that this browser cannot
  const drawing = readDrawing(result, viewer.parts);
  viewer.setResult(result, drawing);
  regions.show(result, viewer.parts);
  showResultDetails(result, roundTrip, fileInputs.photo);
  showSnippet();
  $("#snippet").hidden = false;
  $("#downloads").hidden = false;
  if (isNewInput) applyView();
  const warnings = result.warnings.map(({ code, detail }) => {
    const field = WARNING_FIELDS[code] ?? "";
    return showMessage(field, detail, "warning", code) ? `A warning about ${FIELDS[field] ?? "an option"}: see the form.` : sentence(detail);
  });
  const parts = [count(viewer.parts.size, "region"), `roll ${degrees(result.roll_degrees)}`];
  announce([`${parts.join(", ")}, in ${milliseconds(result.timings_ms.total)}.`, ...warnings].join(" "));
}

/** Shows an error beside its field, or over the picture where it has none. `retry` repeats what failed. */
function showError(error, retry = trace) {
  const apiError = error instanceof ApiError ? error : new ApiError({ code: "page_error", detail: `This page failed: ${error.message}` });
  const text = `${sentence(apiError.message)} ${advice(apiError.code)}`.trim();
  clearMessages();
  const [head] = apiError.field.split(/[.[]/);
  const hasField = apiError.field && showMessage(apiError.field, text, "error", apiError.code);
  if (!hasField) {
    $("#banner-text").textContent = text;
    $("#banner").hidden = false;
    retryFailed = retry;
  }
  const where = FIELDS[head] ?? (hasField ? "an option" : "");
  markStale(where ? `Not traced, because of ${where}: ${text}` : text, !hasField);
  if (head === "authorization") $("#key").focus(); // the only possible next step
  else if (FIELDS[head]) clearResult();
}

/** Marks the shown result as older than the form. */
function markStale(text, isHidden = false) {
  document.body.classList.toggle("stale", Boolean(result));
  announce(text, isHidden);
}

function clearResult() {
  result = null;
  document.body.classList.remove("stale");
  viewer.setResult(null, null);
  regions.show(null, new Map());
  showResultDetails(null);
  $("#snippet").hidden = true;
  $("#downloads").hidden = true;
}

/** Shows a line under the picture, in a live region. `isHidden`: for screen readers only, as the banner shows it too. */
function announce(text, isHidden = false) {
  const status = $("#status");
  status.textContent = text;
  status.classList.toggle("hidden", isHidden);
}

function setBusy(isBusy) {
  document.body.classList.toggle("busy", isBusy);
}

function showPoints() {
  viewer.setPoints($("#points").checked ? fileInputs.points(landmarkUnits()) : null);
}

function applyView() {
  viewer.rotate($("#views").querySelector(":checked").value === "upright");
}

function showSnippet() {
  if (!result) return;
  const write = $("[name=language]:checked").value === "curl" ? curl : python;
  const toDownload = Object.values(submitted.files).filter((file) => sampleFiles.has(file));
  $("#code").textContent = write(submitted, toDownload.map((file) => file.name));
}

async function copySnippet() {
  const code = $("#code");
  const button = $("#copy");
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(code); // the clipboard needs a secure context
    button.textContent = "Press Ctrl+C";
  }
  setTimeout(() => {
    button.textContent = "Copy";
  }, 1800);
}

async function useSample() {
  $("#banner").hidden = true;
  try {
    const files = await Promise.all(Object.values(SAMPLE).map(fetchSampleFile));
    for (const file of files) sampleFiles.add(file);
    await fileInputs.set(Object.fromEntries(Object.keys(SAMPLE).map((name, i) => [name, files[i]])));
    $("#viewer").scrollIntoView({ block: "nearest" });
    $("#viewer").focus({ preventScroll: true });
  } catch (error) {
    showError(error, useSample);
  }
}

async function clearAll() {
  colors = {};
  eraseJobs();
  await fileInputs.set({ image: null, segmentation_map: null, landmarks: null });
  $("#sample").focus();
}

function eraseJobs() {
  for (const id of jobIds) erase(id, apiKey());
  jobIds = new Set();
}

/** Applies fill, numbers and photo. They are styles of the page and need no request. */
function applyStyle() {
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
    applyStyle();
  }
  if (input.id === "defaults") colors = {};
  if (input.name === "landmark_units") showPoints();
  clearTimeout(debounceTimer);
  if (missingFields(fileInputs.files).length === 0) debounceTimer = setTimeout(trace, input.matches("textarea, [type=text]") ? TYPING_DEBOUNCE_MS : DEBOUNCE_MS);
}

function addDropHandlers() {
  const setDropping = (isDropping) => document.body.classList.toggle("dropping", isDropping);
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    setDropping(true);
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) setDropping(false);
  });
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    setDropping(false);
    const fileInput = event.target.closest(".file-input");
    const { files } = event.dataTransfer;
    if (fileInput && files.length === 1) fileInputs.set({ [fileInput.dataset.field]: files[0] });
    else fileInputs.assign([...files]);
  });
}

function addButtonHandlers() {
  const clicks = {
    "#sample": useSample,
    "#sample-large": useSample,
    "#choose": () => $("#file-any").click(),
    "#clear": clearAll,
    "#retry": () => retryFailed(),
    "#copy": copySnippet,
    "#zoom-in": () => viewer.zoomBy(1.6),
    "#zoom-out": () => viewer.zoomBy(1 / 1.6),
    "#zoom-fit": () => viewer.fit(),
    "#download-svg": () => saveSvg(result, "face"),
    "#download-json": () => saveJson(result, "face"),
    "#download-png": () => savePng(result, [...viewer.parts.values()], viewer.shownBorders, pngAppearance(), "face"),
  };
  for (const [selector, call] of Object.entries(clicks)) $(selector).addEventListener("click", call);
  $("#file-any").addEventListener("change", async ({ target }) => {
    await fileInputs.assign([...target.files]);
    target.value = ""; // so that the same files may be chosen again
  });
  $("#views").addEventListener("input", applyView);
  $("#points").addEventListener("input", showPoints);
  for (const id of ["#opacity", "#numbers", "#photo"]) $(id).addEventListener("input", applyStyle);
  for (const radio of document.querySelectorAll("[name=language]")) radio.addEventListener("input", showSnippet);
  addEventListener("pagehide", eraseJobs);
}

function pngAppearance() {
  const [opacity, numbers, photo] = [$("#opacity").value / 100, $("#numbers").checked, $("#photo").checked];
  return { opacity, numbers, style: chosenStyle(), photo: photo ? fileInputs.files.image : null };
}

$("#options").open = matchMedia("(min-width: 62rem)").matches;
addDropHandlers();
addButtonHandlers();
watchOptions(optionChanged);
applyStyle();
fetchServiceInfo().then(
  (info) => {
    $("#version").textContent = info.version;
    maxBytes = info.body_bytes - 10_000; // options and the form's own lines
    fillSchemes(info);
    detectsFaces = info.detects_faces;
    if (detectsFaces) {
      $("#empty .lead").textContent = "Drop a photo here";
      $("#empty .others").textContent = "with its label map and landmarks, if you have them";
    }
    if (detectsFaces && isPhotoAlone(fileInputs.files)) trace({ isNewInput: true });
  },
  () => {}, // the page works without; an unreachable service is reported when a job is submitted
);
