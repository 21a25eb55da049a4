// The viewer: photo and overlay in one SVG, upright or original, with zoom and pan.

import { clampPan, fitScale, frameOnScreen, imageFromResult, interpolate, isInPhoto, originalView } from "./camera.js";
import { sceneTransform, svgTransform, transformPoint, uprightView } from "./camera.js";
import { buildOverlay, buildPoints, svg } from "./overlay.js";
import { addRegionNavigation } from "./keyboard.js";
import { area, percent, readableName } from "./format.js";

const ROTATION_MS = 700;
const MAX_ZOOM = 24;
const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
const ease = (t) => (t < 0.5 ? 4 * t ** 3 : 1 - (2 - 2 * t) ** 3 / 2);

export class Viewer {
  #photo = null;
  #result = null;
  #uprightness = 1;
  #zoom = 1;
  #pan = { x: 0, y: 0 };
  #box = { width: 1, height: 1 };
  #animation = 0;
  #parts = new Map();
  #borders = [];
  #active = "";
  #dots = null;

  /** `onActive` is called with the id of the hovered or focused region, or "". */
  constructor(root, onActive) {
    this.root = root;
    this.onActive = onActive;
    this.scene = root.querySelector("#scene");
    this.tip = root.querySelector("#tip");
    this.cropRect = svg("rect");
    this.image = svg("image", { preserveAspectRatio: "none", "aria-hidden": "true" });
    this.shade = svg("path", { class: "shade", "fill-rule": "evenodd", "aria-hidden": "true" });
    this.overlayLayer = svg("g");
    this.world = svg("g", {}, this.image, this.overlayLayer);
    const clip = svg("clipPath", { id: "window" }, this.cropRect);
    this.scene.append(svg("defs", {}, clip), svg("g", { "clip-path": "url(#window)" }, this.world));
    new ResizeObserver(([entry]) => this.#resize(entry.contentRect)).observe(root);
    this.#listen();
  }

  /** Shows another photo, without regions. */
  setPhoto(photo) {
    this.#photo = photo;
    this.setResult(null, null);
    this.fit();
    if (photo) this.image.setAttribute("href", photo.url);
    else this.image.removeAttribute("href");
    this.image.setAttribute("width", photo?.width ?? 0);
    this.image.setAttribute("height", photo?.height ?? 0);
    this.scene.toggleAttribute("hidden", !photo);
  }

  /** Shows the regions of a result, or none. */
  setResult(result, drawing) {
    const previous = this.#active;
    this.#result = result;
    this.setActive("");
    this.overlayLayer.replaceChildren(...(this.#dots ? [this.#dots] : []));
    this.#parts = new Map();
    this.#borders = [];
    if (!result) {
      this.#uprightness = 0;
      this.#render();
      return;
    }
    const { group, parts, borders, hits } = buildOverlay(result, drawing);
    group.setAttribute("transform", svgTransform(imageFromResult(result)));
    this.#parts = parts;
    this.#borders = borders;
    addRegionNavigation(hits, parts, (id) => this.setActive(id));
    this.overlayLayer.prepend(this.shade, group);
    this.scene.removeAttribute("hidden");
    this.#darkenOutside();
    this.#render();
    if (parts.has(previous)) this.setActive(previous);
  }

  /** Shows the landmarks as dots, or hides them. */
  setPoints(points) {
    this.#dots?.remove();
    this.#dots = points ? buildPoints(points) : null;
    if (this.#dots) this.overlayLayer.append(this.#dots);
  }

  /** Returns the borders beside a shown region. */
  get shownBorders() {
    return this.#borders.filter(({ line }) => !line.hasAttribute("hidden"));
  }

  get parts() {
    return this.#parts;
  }

  /** Highlights one region by id, or none for "". Changes only classes and the tooltip. */
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
    const isHidden = (region) => this.#parts.get(region)?.hit.hasAttribute("hidden") ?? true;
    for (const { regions, line } of this.#borders) {
      if (regions.includes(id)) line.toggleAttribute("hidden", regions.every(isHidden));
    }
    const some = [...this.#parts.values()].some((part) => part.hit.hasAttribute("hidden"));
    this.scene.classList.toggle("some-hidden", some);
  }

  /** Rotates to the upright or the original view. */
  rotate(upright) {
    cancelAnimationFrame(this.#animation);
    this.fit();
    const [from, to] = [this.#uprightness, upright ? 1 : 0];
    if (reducedMotion.matches || from === to) {
      this.#uprightness = to;
      this.#render();
      return;
    }
    const started = performance.now();
    const step = (now) => {
      const t = Math.min(1, Math.max(0, (now - started) / ROTATION_MS));
      this.#uprightness = from + (to - from) * ease(t);
      this.#render();
      if (t < 1) this.#animation = requestAnimationFrame(step);
    };
    this.#animation = requestAnimationFrame(step);
  }

  fit() {
    this.#zoom = 1;
    this.#pan = { x: 0, y: 0 };
    this.#render();
  }

  /** Zooms by a factor about the point (x, y) of the viewer, by default its center. */
  zoomBy(factor, x = this.#box.width / 2, y = this.#box.height / 2) {
    const zoom = Math.min(MAX_ZOOM, Math.max(1, this.#zoom * factor));
    const ratio = zoom / this.#zoom;
    const scaled = (pan, point, size) => (point - size / 2) * (1 - ratio) + pan * ratio;
    this.#pan = { x: scaled(this.#pan.x, x, this.#box.width), y: scaled(this.#pan.y, y, this.#box.height) };
    this.#zoom = zoom;
    this.#render();
  }

  #view() {
    if (!this.#result) return this.#photo ? originalView(this.#photo) : null;
    const upright = uprightView(this.#result);
    return this.#photo ? interpolate(originalView(this.#photo), upright, this.#uprightness) : upright;
  }

  #render() {
    const view = this.#view();
    if (!view || this.#box.width < 2) return;
    this.#pan = clampPan(view, this.#box, this.#zoom, this.#pan);
    this.world.setAttribute("transform", sceneTransform(view, this.#box, this.#zoom, this.#pan));
    const frame = frameOnScreen(view, this.#box, this.#zoom, this.#pan);
    for (const [name, value] of Object.entries(frame)) this.cropRect.setAttribute(name, value);
    this.shade.setAttribute("opacity", 1 - this.#uprightness);
    const value = this.root.parentElement.querySelector("#zoom-value");
    value.textContent = `${Math.round(fitScale(view, this.#box) * this.#zoom * 100)} %`;
    this.scene.classList.toggle("near", this.#zoom > 1);
    this.#showTip();
  }

  /** Darkens the photo outside of the crop in the original view. The crop may reach beyond the photo. */
  #darkenOutside() {
    this.shade.removeAttribute("d");
    if (!this.#photo || isInPhoto(this.#result)) return;
    const { width: w, height: h } = this.#photo;
    const [cw, ch] = this.#result.size;
    const affine = imageFromResult(this.#result);
    const crop = [[0, 0], [cw, 0], [cw, ch], [0, ch]].map((corner) => transformPoint(affine, corner).join(" "));
    this.shade.setAttribute("d", `M0 0H${w}V${h}H0zM${crop.join("L")}z`);
  }

  #showTip() {
    const part = this.#parts.get(this.#active);
    this.tip.hidden = !part;
    if (!part) return;
    const { region, color } = part;
    const [width, height] = this.#result.size;
    this.tip.style.setProperty("--color", color);
    const name = document.createElement("strong");
    name.textContent = readableName(region.name);
    this.tip.replaceChildren(name, ` ${area(region.area)} · ${percent(region.area / (width * height))}`);
    const shape = part.hit.getBoundingClientRect();
    const viewerBox = this.root.getBoundingClientRect();
    const half = this.tip.offsetWidth / 2 + 6;
    const middle = shape.left - viewerBox.left + shape.width / 2;
    const above = shape.top - viewerBox.top - this.tip.offsetHeight - 8;
    this.tip.style.left = `${Math.min(viewerBox.width - half, Math.max(half, middle))}px`;
    this.tip.style.top = `${Math.max(6, above)}px`;
  }

  #resize({ width, height }) {
    this.#box = { width, height };
    this.#render();
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
      this.#render();
    });
  }
}
