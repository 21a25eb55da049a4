// The options form: reading, resetting, and messages beside fields.

import { sentence } from "./format.js";

const form = document.querySelector("#controls");
const element = (id) => document.querySelector(`#${id}`);
const CHOICES = ["regions", "crop", "style"];
const SELECTS = [
  "landmark_scheme", "label_scheme", "void", "landmark_units", "landmarks_frame", "map_fit", "native_resolution", "frame",
  "embed_image", "cache",
];
// Options of one number or several: how many they may be, and the rule.
const NUMBER_LISTS = {
  crop_size: [[1, 2], "Must be a side such as 512, or width and height such as 512 × 640"],
  crop_margin: [[1, 4], "Must be one number such as 0.2, or those of left, top, right and bottom"],
  map_box: [[4], "Must be four numbers: left, top, width and height in pixels of the photo"],
  image_from_labels: [[6], "Must be six numbers: a, b, c, d, e, f"],
};
const EXACT = "exact";

/** Returns the options that differ from their defaults, or null when a field is invalid. */
export function readOptions(colors) {
  const options = {};
  for (const name of CHOICES) {
    const radio = form.elements[name];
    if (radio.value !== firstOf(radio).value) options[name] = radio.value;
  }
  Object.assign(options, outlineOptions());
  for (const name of SELECTS) {
    const select = form.elements[name];
    if (select.selectedIndex > 0) options[name] = select.value;
  }
  if (form.elements.measure_color.value === "true") options.measure_color = true;
  const areListsValid = readNumberLists(options);
  const minArea = form.elements.min_area;
  if (minArea.valueAsNumber !== 0) options.min_area = minArea.valueAsNumber;
  const { face } = form.elements;
  if (face.value !== "") options.face = face.valueAsNumber;
  if (Object.keys(colors).length > 0) options.colors = { ...colors };
  const extra = readExtra();
  const numbers = [form.elements.tolerance, minArea].filter((input) => !input.disabled);
  const invalid = numbers.filter((input) => !input.checkValidity());
  for (const input of invalid) showMessage(`options.${input.name}`, "Must be a number from 0 to 1,000,000", "error");
  if (!face.checkValidity()) {
    showMessage("options.face", "Must be a whole number from 0 to 999, or empty", "error");
    return null;
  }
  return invalid.length > 0 || !areListsValid || extra === null ? null : Object.assign(options, extra);
}

/** "Exact" is tolerance 0 with either curve. */
function outlineOptions() {
  const curve = form.elements.curve.value;
  if (curve === EXACT) return { tolerance: 0 };
  const options = curve === "smooth" ? {} : { curve };
  const { valueAsNumber } = form.elements.tolerance;
  return valueAsNumber === 0.5 ? options : { ...options, tolerance: valueAsNumber };
}

/** Adds the options of several numbers. Returns whether all are valid. */
function readNumberLists(options) {
  let areValid = true;
  for (const [name, [counts, rule]] of Object.entries(NUMBER_LISTS)) {
    const words = form.elements[name].value.split(/[^\d.eE+-]+/).filter(Boolean);
    const numbers = words.map(Number);
    const isValid = counts.includes(numbers.length) && numbers.every(Number.isFinite);
    if (isValid) options[name] = numbers.length === 1 ? numbers[0] : numbers;
    else if (form.elements[name].value.trim()) {
      showMessage(`options.${name}`, rule, "error");
      areValid = false;
    }
  }
  return areValid;
}

function readExtra() {
  const text = element("extra").value.trim();
  if (!text) return {};
  try {
    const value = JSON.parse(text);
    if (value && typeof value === "object" && !Array.isArray(value)) return value;
    showMessage("options", "Must be a JSON object, such as {\"label_names\": {\"6\": \"beak\"}}", "error");
  } catch (error) {
    showMessage("options", `Not JSON: ${error.message}`, "error");
  }
  return null;
}

const firstOf = (radios) => radios[0];

export const apiKey = () => element("key").value.trim();
export const landmarkUnits = () => form.elements.landmark_units.value;
export const chosenStyle = () => form.elements.style.value;

/** Synchronizes slider, number and "Exact"; calls `onChange` with the input that changed. */
export function watchOptions(onChange) {
  const [number, slider] = [element("tolerance"), element("tolerance-slider")];
  slider.addEventListener("input", () => {
    number.value = slider.value;
  });
  number.addEventListener("input", () => {
    slider.value = number.value;
  });
  const updateDisabled = () => {
    const isExact = form.elements.curve.value === EXACT;
    number.disabled = isExact;
    slider.disabled = isExact;
  };
  form.addEventListener("input", (event) => {
    if (event.target.type === "file" || event.target.id === "key") return;
    updateDisabled();
    onChange(event.target);
  });
  element("key").addEventListener("change", (event) => onChange(event.target)); // not with every letter
  element("defaults").addEventListener("click", () => {
    const key = element("key").value;
    form.reset();
    element("key").value = key;
    updateDisabled();
    onChange(element("defaults"));
  });
  form.addEventListener("submit", (event) => event.preventDefault());
}

/** Fills the scheme lists. */
export function fillSchemes({ landmark_schemes: landmarks, label_schemes: labels }) {
  for (const [name, counts] of Object.entries(landmarks)) {
    element("landmark_scheme").append(new Option(`${name} (${counts.join(" or ")})`, name));
  }
  for (const name of labels) element("label_scheme").append(new Option(name, name));
}

/** Returns the element of the field with this path, or null: `options.colors.6` and `options` share one. */
function findField(path) {
  const [head, second] = path.split(/[.[]/);
  const name = head === "options" && second ? `options.${second}` : head;
  return form.querySelector(`[data-field="${name}"]`) ?? (head === "options" ? form.querySelector('[data-field="options"]') : null);
}

/**
 * Shows a message beside a field and opens its `details` elements. `kind` is `error` or `warning`. Returns whether the
 * page has such a field.
 */
export function showMessage(path, text, kind, code = "") {
  const field = findField(path);
  if (!field) return false;
  const message = field.querySelector(".message");
  message.textContent = sentence(text);
  if (code) {
    const small = document.createElement("code");
    small.textContent = path.includes("[") || path.split(".").length > 2 ? `${code} at ${path}` : code;
    message.append(" ", small);
  }
  message.className = `message ${kind}`;
  message.hidden = false;
  for (const input of field.querySelectorAll("input, select, textarea")) markInput(input, message, kind);
  for (let section = field.closest("details"); section; section = section.parentElement.closest("details")) section.open = true;
  return true;
}

function markInput(input, message, kind) {
  message.id ||= `message-${input.name || input.id}`;
  if (kind === "error") input.setAttribute("aria-invalid", "true");
  if (!input.getAttribute("aria-describedby")?.includes(message.id)) input.setAttribute("aria-describedby", message.id);
}

/** Hides all messages, or those of one kind. */
export function clearMessages(kind = "") {
  for (const message of form.querySelectorAll(kind ? `.message.${kind}` : ".message")) message.hidden = true;
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}
