// The three file inputs: chosen, dropped and removed files, and their descriptions.

import { readMap, readPhoto, releasePhoto, readPoints, isJsonObject, drawPointThumbnail } from "./images.js";
import { bytes, count } from "./format.js";

export const FIELD_NAMES = ["image", "segmentation_map", "landmarks"];
const HINTS = {};
const UNREADABLE = {
  image: (name) => `“${name}” is not a picture that this browser can show: choose a PNG, JPEG or WebP photo`,
  segmentation_map: (name) => `“${name}” is not a picture that this browser can show: choose the label map as PNG`,
  landmarks: (name) => `“${name}” holds no list of points: choose a JSON file such as [{"x": 10, "y": 20}, …]`,
};

// Landmark files of other forms than JSON, which the service reads and this page does not.
const LANDMARK_FILES = /\.(json|pts|txt|csv|npy|xml)$/i;

const query = (name, what) => document.querySelector(`.file-input[data-field="${name}"] ${what}`);

export class FileInputs {
  #files = { image: null, segmentation_map: null, landmarks: null };
  #changed = new Set();
  #pending = Promise.resolve();

  photo = null;
  landmarksText = "";
  /** By field name: why a file cannot be shown, or "". */
  errors = {};

  /** `onChange` is called with the field names once the previews of changed files are ready. */
  constructor(onChange) {
    this.onChange = onChange;
    for (const name of FIELD_NAMES) {
      HINTS[name] = query(name, ".about").textContent;
      const input = query(name, "input");
      input.addEventListener("change", () => {
        if (input.files[0]) this.set({ [name]: input.files[0] });
        input.value = ""; // so that the same file may be chosen again
      });
      query(name, ".remove").addEventListener("click", () => {
        this.set({ [name]: null });
        input.focus();
      });
    }
  }

  get files() {
    return { ...this.#files };
  }

  /** Sets files (or null) by field name. Calls are queued; the last of several reports all changes. */
  async set(files) {
    const names = Object.keys(files);
    Object.assign(this.#files, files);
    for (const name of names) this.#changed.add(name);
    const shown = this.#pending.then(() => Promise.all(names.map((name) => this.#update(name))));
    this.#pending = shown;
    await shown;
    if (this.#pending !== shown) return;
    const changed = [...this.#changed];
    this.#changed.clear();
    this.onChange(changed);
  }

  /** Assigns several files to fields by their content. */
  async assign(list) {
    const files = {};
    const images = [];
    for (const file of list) {
      if (file.type === "application/json" || LANDMARK_FILES.test(file.name)) files.landmarks = file;
      else images.push(file);
    }
    const kinds = await Promise.all(images.map(isProbablyMap));
    for (const [i, file] of images.entries()) {
      const field = kinds[i] ? "segmentation_map" : "image";
      const other = kinds[i] ? "image" : "segmentation_map";
      files[files[field] ? other : field] = file;
    }
    if (Object.keys(files).length > 0) await this.set(files);
  }

  /** Returns the points in photo pixels, or null. */
  points(units) {
    if (!this.photo || !this.landmarksText) return null;
    return readPoints(this.landmarksText, this.photo.width, this.photo.height, units);
  }

  async #update(name) {
    const file = this.#files[name];
    const thumb = query(name, ".thumb");
    const parts = file ? [await this[`_${name}`](file, thumb).catch(() => ""), file.name] : []; // a long name is cut short, at the end
    if (this.#files[name] !== file) return; // replaced in the meantime
    if (!file) await this[`_${name}`](null, thumb);
    const about = query(name, ".about");
    about.textContent = file ? parts.filter(Boolean).join(" · ") : HINTS[name];
    about.title = file ? `${file.name}, ${bytes(file.size)}` : "";
    this.errors[name] = file && !parts[0] ? UNREADABLE[name](file.name) : "";
    query(name, ".remove").hidden = !file;
    query(name, "label").parentElement.classList.toggle("full", Boolean(file));
  }

  async _image(file, thumb) {
    const photo = file ? await readPhoto(file, thumb) : null;
    if (this.#files.image !== file) {
      releasePhoto(photo);
      return "";
    }
    releasePhoto(this.photo);
    this.photo = photo;
    if (!photo) clearCanvas(thumb);
    return photo ? `${photo.width} × ${photo.height}` : "";
  }

  async _segmentation_map(file, thumb) {
    const size = file ? await readMap(file, thumb) : null;
    if (!size) clearCanvas(thumb);
    return size ? `${size.width} × ${size.height}` : "";
  }

  async _landmarks(file, thumb) {
    this.landmarksText = file ? await file.text() : "";
    const points = file ? readPoints(this.landmarksText, 1, 1, "pixel") : null;
    drawPointThumbnail(thumb, points);
    if (points) return count(points.length, "point");
    // The service reads the JSON of many detectors; the page draws lists of points only.
    if (isJsonObject(this.landmarksText)) return "JSON of a detector";
    return file && LANDMARK_FILES.test(file.name) && !/^\s*[[{]/.test(this.landmarksText) ? "no preview" : "";
  }
}

function clearCanvas(canvas) {
  canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
}

/** Guesses by file name, else by the color type in a PNG's header. */
async function isProbablyMap(file) {
  if (file.type === "image/jpeg") return false;
  if (/(seg|mask|label|pars|map)/i.test(file.name)) return true;
  const head = new Uint8Array(await file.slice(0, 26).arrayBuffer());
  const png = head[1] === 0x50 && head[2] === 0x4e && head[3] === 0x47;
  return png && (head[25] === 0 || head[25] === 3);
}
