// The three files: chosen, dropped, removed, and said in words.

import { readMap, readPhoto, forgetPhoto, readPoints, sketchPoints } from "./pictures.js";
import { bytes, count } from "./words.js";

export const NAMES = ["image", "segmentation_map", "landmarks"];
const HINTS = {};
const UNREADABLE = {
  image: (name) => `“${name}” is not a picture that this browser can show: choose a PNG, JPEG or WebP photo`,
  segmentation_map: (name) => `“${name}” is not a picture that this browser can show: choose the label map as PNG`,
  landmarks: (name) => `“${name}” holds no list of points: choose a JSON file such as [{"x": 10, "y": 20}, …]`,
};

const find = (name, what) => document.querySelector(`.slot[data-field="${name}"] ${what}`);

export class Slots {
  #held = { image: null, segmentation_map: null, landmarks: null };
  #changed = new Set();
  #showing = Promise.resolve();

  photo = null;
  landmarksText = "";
  /** By name: why a file cannot be shown, or "". */
  complaints = {};

  /** `onChange` is called after one or more files have changed and their previews are there. */
  constructor(onChange) {
    this.onChange = onChange;
    for (const name of NAMES) {
      HINTS[name] = find(name, ".about").textContent;
      const input = find(name, "input");
      input.addEventListener("change", () => {
        if (input.files[0]) this.put({ [name]: input.files[0] });
        input.value = ""; // so that the same file may be chosen again
      });
      find(name, ".remove").addEventListener("click", () => {
        this.put({ [name]: null });
        input.focus();
      });
    }
  }

  get files() {
    return { ...this.#held };
  }

  /** Puts files (or null) into slots and shows them, one call after the other; the last of several tells of all. */
  async put(files) {
    const names = Object.keys(files);
    Object.assign(this.#held, files);
    for (const name of names) this.#changed.add(name);
    const shown = this.#showing.then(() => Promise.all(names.map((name) => this.#show(name))));
    this.#showing = shown;
    await shown;
    if (this.#showing !== shown) return;
    const changed = [...this.#changed];
    this.#changed.clear();
    this.onChange(changed);
  }

  /** Finds a slot for each of several files by what they look like. */
  async sort(list) {
    const files = {};
    const pictures = [];
    for (const file of list) {
      if (file.type === "application/json" || /\.json$/i.test(file.name)) files.landmarks = file;
      else pictures.push(file);
    }
    const kinds = await Promise.all(pictures.map(looksLikeMap));
    for (const [i, file] of pictures.entries()) {
      const wanted = kinds[i] ? "segmentation_map" : "image";
      const other = kinds[i] ? "image" : "segmentation_map";
      files[files[wanted] ? other : wanted] = file;
    }
    if (Object.keys(files).length > 0) await this.put(files);
  }

  /** The points as pixels of the photo, or null. */
  points(units) {
    if (!this.photo || !this.landmarksText) return null;
    return readPoints(this.landmarksText, this.photo.width, this.photo.height, units);
  }

  async #show(name) {
    const file = this.#held[name];
    const thumb = find(name, ".thumb");
    const facts = file ? [await this[`_${name}`](file, thumb).catch(() => ""), file.name] : []; // a long name is cut short, at the end
    if (this.#held[name] !== file) return; // another one came in the meantime
    if (!file) await this[`_${name}`](null, thumb);
    const about = find(name, ".about");
    about.textContent = file ? facts.filter(Boolean).join(" · ") : HINTS[name];
    about.title = file ? `${file.name}, ${bytes(file.size)}` : "";
    this.complaints[name] = file && !facts[0] ? UNREADABLE[name](file.name) : "";
    find(name, ".remove").hidden = !file;
    find(name, "label").parentElement.classList.toggle("full", Boolean(file));
  }

  async _image(file, thumb) {
    const photo = file ? await readPhoto(file, thumb) : null;
    if (this.#held.image !== file) {
      forgetPhoto(photo);
      return "";
    }
    forgetPhoto(this.photo);
    this.photo = photo;
    if (!photo) clear(thumb);
    return photo ? `${photo.width} × ${photo.height}` : "";
  }

  async _segmentation_map(file, thumb) {
    const size = file ? await readMap(file, thumb) : null;
    if (!size) clear(thumb);
    return size ? `${size.width} × ${size.height}` : "";
  }

  async _landmarks(file, thumb) {
    this.landmarksText = file ? await file.text() : "";
    const points = file ? readPoints(this.landmarksText, 1, 1, "pixel") : null;
    sketchPoints(thumb, points);
    return points ? count(points.length, "point") : "";
  }
}

function clear(canvas) {
  canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
}

/** A guess for files that are dropped together: by name, else by the colour type in a PNG's header. */
async function looksLikeMap(file) {
  if (file.type === "image/jpeg") return false;
  if (/(seg|mask|label|pars|map)/i.test(file.name)) return true;
  const head = new Uint8Array(await file.slice(0, 26).arrayBuffer());
  const png = head[1] === 0x50 && head[2] === 0x4e && head[3] === 0x47;
  return png && (head[25] === 0 || head[25] === 3);
}
