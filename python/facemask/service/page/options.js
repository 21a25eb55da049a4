// The form's options: read, set back, and messages beside the field they are about.

import { sentence } from "./words.js";

const form = document.querySelector("#controls");
const element = (id) => document.querySelector(`#${id}`);
const CHOICES = ["regions", "crop", "style"];
const SELECTS = [
  "landmark_scheme", "label_scheme", "landmark_units", "landmarks_frame", "embed_image", "cache",
];
const EXACT = "exact";

/** Options as the service takes them, without those that have their default. Null when a field is wrong. */
export function readOptions(colors) {
  const options = {};
  for (const name of CHOICES) {
    const radio = form.elements[name];
    if (radio.value !== first(radio).value) options[name] = radio.value;
  }
  Object.assign(options, outline());
  for (const name of SELECTS) {
    const select = form.elements[name];
    if (select.selectedIndex > 0) options[name] = select.value;
  }
  const least = form.elements.min_area;
  if (least.valueAsNumber !== 0) options.min_area = least.valueAsNumber;
  if (Object.keys(colors).length > 0) options.colors = { ...colors };
  const extra = readExtra();
  const numbers = [form.elements.tolerance, least].filter((input) => !input.disabled);
  const wrong = numbers.filter((input) => !input.checkValidity());
  for (const input of wrong) say(`options.${input.name}`, "Must be a number from 0 to 1,000,000", "error");
  return wrong.length > 0 || extra === null ? null : Object.assign(options, extra);
}

/** Exact is tolerance 0 with either curve. */
function outline() {
  const curve = form.elements.curve.value;
  if (curve === EXACT) return { tolerance: 0 };
  const options = curve === "smooth" ? {} : { curve };
  const { valueAsNumber } = form.elements.tolerance;
  return valueAsNumber === 0.5 ? options : { ...options, tolerance: valueAsNumber };
}

function readExtra() {
  const text = element("extra").value.trim();
  if (!text) return {};
  try {
    const value = JSON.parse(text);
    if (value && typeof value === "object" && !Array.isArray(value)) return value;
    say("options", "Must be a JSON object, such as {\"label_names\": {\"6\": \"beak\"}}", "error");
  } catch (error) {
    say("options", `Not JSON: ${error.message}`, "error");
  }
  return null;
}

const first = (radios) => radios[0];

export const apiKey = () => element("key").value.trim();
export const landmarkUnits = () => form.elements.landmark_units.value;
export const chosenStyle = () => form.elements.style.value;

/** Keeps the slider, the number and "Exact" in step; calls `onChange` for whatever changes the answer. */
export function watchOptions(onChange) {
  const [number, slider] = [element("tolerance"), element("tolerance-slider")];
  slider.addEventListener("input", () => {
    number.value = slider.value;
  });
  number.addEventListener("input", () => {
    slider.value = number.value;
  });
  const settle = () => {
    const exact = form.elements.curve.value === EXACT;
    number.disabled = exact;
    slider.disabled = exact;
  };
  form.addEventListener("input", (event) => {
    if (event.target.type === "file" || event.target.id === "key") return;
    settle();
    onChange(event.target);
  });
  element("key").addEventListener("change", (event) => onChange(event.target)); // whole, not letter by letter
  element("defaults").addEventListener("click", () => {
    const key = element("key").value;
    form.reset();
    element("key").value = key;
    settle();
    onChange(element("defaults"));
  });
  form.addEventListener("submit", (event) => event.preventDefault());
}

/** Fills the lists of schemes. */
export function offerSchemes({ landmark_schemes: landmarks, label_schemes: labels }) {
  for (const [name, counts] of Object.entries(landmarks)) {
    element("landmark_scheme").append(new Option(`${name} (${counts.join(" or ")})`, name));
  }
  for (const name of labels) element("label_scheme").append(new Option(name, name));
}

/** The element that holds the field with this path, or null: `options.colors.6` and `options` share one. */
function place(path) {
  const [head, second] = path.split(/[.[]/);
  const name = head === "options" && second ? `options.${second}` : head;
  return form.querySelector(`[data-field="${name}"]`) ?? (head === "options" ? form.querySelector('[data-field="options"]') : null);
}

/**
 * Says something beside a field; opens the folds it lies in. `kind` is `error` or `warning`. Answers whether the
 * page has such a field.
 */
export function say(path, text, kind, code = "") {
  const field = place(path);
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
  for (const input of field.querySelectorAll("input, select, textarea")) mark(input, message, kind);
  for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  return true;
}

function mark(input, message, kind) {
  message.id ||= `message-${input.name || input.id}`;
  if (kind === "error") input.setAttribute("aria-invalid", "true");
  if (!input.getAttribute("aria-describedby")?.includes(message.id)) input.setAttribute("aria-describedby", message.id);
}

/** Takes back all messages, or those of one kind. */
export function hush(kind = "") {
  for (const message of form.querySelectorAll(kind ? `.message.${kind}` : ".message")) message.hidden = true;
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}
