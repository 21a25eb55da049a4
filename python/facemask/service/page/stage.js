// The picture: photo and overlay in one SVG, seen upright or as it was taken, near or far.

import { between, fitScale, frameOnScreen, heldPan, imageFromCrop, originalLook, sceneTransform, uprightLook } from "./camera.js";
import { buildOverlay, buildPoints, svg } from "./overlay.js";
import { walkRegions } from "./walk.js";
import { area, percent, spoken } from "./words.js";

const TURN_MS = 700;
const MOST_ZOOM = 24;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const ease = (t) => (t < 0.5 ? 4 * t ** 3 : 1 - (2 - 2 * t) ** 3 / 2);

export class Stage {
  #photo = null;
  #answer = null;
  #upright = 1;
  #zoom = 1;
  #pan = { x: 0, y: 0 };
  #box = { width: 1, height: 1 };
  #animation = 0;
  #parts = new Map();
  #active = "";
  #dots = null;

  /** `onActive` gets the id of the region that is pointed at or focused, or "". */
  constructor(root, onActive) {
    this.root = root;
    this.onActive = onActive;
    this.scene = root.querySelector("#scene");
    this.tip = root.querySelector("#tip");
    this.window = svg("rect");
    this.image = svg("image", { preserveAspectRatio: "none", "aria-hidden": "true" });
    this.shade = svg("path", { class: "shade", "fill-rule": "evenodd", "aria-hidden": "true" });
    this.slot = svg("g");
    this.world = svg("g", {}, this.image, this.slot);
    const clip = svg("clipPath", { id: "window" }, this.window);
    this.scene.append(svg("defs", {}, clip), svg("g", { "clip-path": "url(#window)" }, this.world));
    new ResizeObserver(([entry]) => this.#resize(entry.contentRect)).observe(root);
    this.#listen();
  }

  /** Shows another photo, without regions. */
  setPhoto(photo) {
    this.#photo = photo;
    this.setAnswer(null, null);
    this.fit();
    if (photo) this.image.setAttribute("href", photo.url);
    else this.image.removeAttribute("href");
    this.image.setAttribute("width", photo?.width ?? 0);
    this.image.setAttribute("height", photo?.height ?? 0);
    this.scene.toggleAttribute("hidden", !photo);
  }

  /** Shows the regions of an answer, or none. */
  setAnswer(answer, drawing) {
    const kept = this.#active;
    this.#answer = answer;
    this.setActive("");
    this.slot.replaceChildren(...(this.#dots ? [this.#dots] : []));
    this.#parts = new Map();
    if (!answer) {
      this.#upright = 0;
      this.#draw();
      return;
    }
    const { group, parts, hits } = buildOverlay(answer, drawing);
    group.setAttribute("transform", imageFromCrop(answer));
    this.#parts = parts;
    walkRegions(hits, parts, (id) => this.setActive(id));
    this.slot.prepend(this.shade, group);
    this.scene.removeAttribute("hidden");
    this.#darkenOutside();
    this.#draw();
    if (parts.has(kept)) this.setActive(kept);
  }

  /** Shows the landmarks as dots, or hides them. */
  setPoints(points) {
    this.#dots?.remove();
    this.#dots = points ? buildPoints(points) : null;
    if (this.#dots) this.slot.append(this.#dots);
  }

  get parts() {
    return this.#parts;
  }

  /** Marks one region, by id; "" for none. Nothing is built or parsed: two classes and a tip. */
  setActive(id) {
    if (id === this.#active) return;
    for (const [old, on] of [[this.#active, false], [id, true]]) {
      for (const element of this.#parts.get(old)?.painted ?? []) element.classList.toggle("active", on);
    }
    this.#active = this.#parts.has(id) ? id : "";
    this.scene.classList.toggle("pointing", this.#active !== "");
    this.#showTip();
    this.onActive(this.#active);
  }

  setShown(id, shown) {
    for (const element of this.#parts.get(id)?.shown ?? []) element.toggleAttribute("hidden", !shown);
    const some = [...this.#parts.values()].some((part) => part.hit.hasAttribute("hidden"));
    this.scene.classList.toggle("some-hidden", some);
  }

  /** Turns to the upright view or to the original one. */
  turn(upright) {
    cancelAnimationFrame(this.#animation);
    this.fit();
    const [from, to] = [this.#upright, upright ? 1 : 0];
    if (calm.matches || from === to) {
      this.#upright = to;
      this.#draw();
      return;
    }
    const started = performance.now();
    const step = (now) => {
      const t = Math.min(1, Math.max(0, (now - started) / TURN_MS));
      this.#upright = from + (to - from) * ease(t);
      this.#draw();
      if (t < 1) this.#animation = requestAnimationFrame(step);
    };
    this.#animation = requestAnimationFrame(step);
  }

  fit() {
    this.#zoom = 1;
    this.#pan = { x: 0, y: 0 };
    this.#draw();
  }

  /** Zooms by a factor; the place (x, y) of the stage stays where it is, its middle by default. */
  zoomBy(factor, x = this.#box.width / 2, y = this.#box.height / 2) {
    const zoom = Math.min(MOST_ZOOM, Math.max(1, this.#zoom * factor));
    const grown = zoom / this.#zoom;
    const keep = (pan, place, room) => (place - room / 2) * (1 - grown) + pan * grown;
    this.#pan = { x: keep(this.#pan.x, x, this.#box.width), y: keep(this.#pan.y, y, this.#box.height) };
    this.#zoom = zoom;
    this.#draw();
  }

  #look() {
    if (!this.#answer) return this.#photo ? originalLook(this.#photo) : null;
    const upright = uprightLook(this.#answer);
    return this.#photo ? between(originalLook(this.#photo), upright, this.#upright) : upright;
  }

  #draw() {
    const look = this.#look();
    if (!look || this.#box.width < 2) return;
    this.#pan = heldPan(look, this.#box, this.#zoom, this.#pan);
    this.world.setAttribute("transform", sceneTransform(look, this.#box, this.#zoom, this.#pan));
    const frame = frameOnScreen(look, this.#box, this.#zoom, this.#pan);
    for (const [name, value] of Object.entries(frame)) this.window.setAttribute(name, value);
    this.shade.setAttribute("opacity", 1 - this.#upright);
    const value = this.root.parentElement.querySelector("#zoom-value");
    value.textContent = `${Math.round(fitScale(look, this.#box) * this.#zoom * 100)} %`;
    this.scene.classList.toggle("near", this.#zoom > 1);
    this.#showTip();
  }

  /** In the original view what the crop leaves out is darker. */
  #darkenOutside() {
    if (!this.#photo) return;
    const { width: w, height: h } = this.#photo;
    const [a, b, c, d, e, f] = this.#answer.crop_from_image;
    const [cw, ch] = this.#answer.size;
    const corner = (x, y) => `${a * (x - c) + d * (y - f)} ${b * (x - c) + e * (y - f)}`;
    const crop = [[0, 0], [cw, 0], [cw, ch], [0, ch]].map(([x, y]) => corner(x, y));
    this.shade.setAttribute("d", `M0 0H${w}V${h}H0zM${crop.join("L")}z`);
  }

  #showTip() {
    const part = this.#parts.get(this.#active);
    this.tip.hidden = !part;
    if (!part) return;
    const { region, color } = part;
    const [width, height] = this.#answer.size;
    this.tip.style.setProperty("--color", color);
    const name = document.createElement("strong");
    name.textContent = spoken(region.name);
    this.tip.replaceChildren(name, ` ${area(region.area)} · ${percent(region.area / (width * height))}`);
    const shape = part.hit.getBoundingClientRect();
    const stage = this.root.getBoundingClientRect();
    const half = this.tip.offsetWidth / 2 + 6;
    const middle = shape.left - stage.left + shape.width / 2;
    const above = shape.top - stage.top - this.tip.offsetHeight - 8;
    this.tip.style.left = `${Math.min(stage.width - half, Math.max(half, middle))}px`;
    this.tip.style.top = `${Math.max(6, above)}px`;
  }

  #resize({ width, height }) {
    this.#box = { width, height };
    this.#draw();
  }

  #listen() {
    const idAt = (event) => event.target.closest?.(".hits [data-region]")?.dataset.region ?? "";
    this.scene.addEventListener("pointerover", (event) => this.setActive(idAt(event)));
    this.scene.addEventListener("pointerleave", () => this.setActive(this.scene.querySelector(".hits :focus")?.dataset.region ?? ""));
    this.scene.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // the page scrolls as usual; pinching sends ctrl
      event.preventDefault();
      const { left, top } = this.root.getBoundingClientRect();
      this.zoomBy(Math.exp(-event.deltaY / 200), event.clientX - left, event.clientY - top);
    }, { passive: false });
    this.scene.addEventListener("dblclick", (event) => {
      const { left, top } = this.root.getBoundingClientRect();
      this.zoomBy(2, event.clientX - left, event.clientY - top);
    });
    this.scene.addEventListener("pointermove", (event) => {
      if (event.buttons !== 1 || this.#zoom === 1) return;
      this.#pan = { x: this.#pan.x + event.movementX, y: this.#pan.y + event.movementY };
      this.#draw();
    });
  }
}
