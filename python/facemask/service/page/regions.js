// The list of regions: which are shown, in what colour, how large.

import { area, count, percent, pixels, spoken } from "./words.js";

const list = document.querySelector("#regions");
const all = document.querySelector("#all");
const detail = document.querySelector("#detail");

function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

export class RegionList {
  #hidden = new Set(); // names: an id means another thing in zones than in labels
  #rows = new Map();
  #regions = new Map();

  /** `onShown(id, shown)`, `onActive(id)`, `onColor(name, color)`. */
  constructor(calls) {
    this.calls = calls;
    all.addEventListener("input", () => {
      const wanted = all.checked; // every click below settles it anew
      for (const box of list.querySelectorAll("[type=checkbox]")) if (box.checked !== wanted) box.click();
    });
    list.addEventListener("pointerover", (event) => calls.onActive(idOf(event.target)));
    list.addEventListener("pointerleave", () => calls.onActive(idOf(document.activeElement)));
    list.addEventListener("focusin", (event) => calls.onActive(idOf(event.target)));
    list.addEventListener("focusout", () => calls.onActive(""));
  }

  /** Lists the regions of an answer; those hidden before stay so. Null for none. */
  show(answer, parts) {
    const focused = list.contains(document.activeElement) ? document.activeElement.id : "";
    this.#rows.clear();
    this.#regions = new Map((answer?.regions ?? []).map((region) => [String(region.id), region]));
    const shown = [...this.#regions].filter(([id]) => parts.has(id));
    for (const [id, region] of shown) this.#rows.set(id, this.#row(id, region, parts.get(id).color, answer.size));
    list.replaceChildren(...this.#rows.values());
    document.querySelector("#no-regions").hidden = shown.length > 0;
    document.querySelector("#all-label").hidden = shown.length === 0;
    for (const [id] of shown) if (!this.isShown(id)) this.calls.onShown(id, false);
    this.#settleAll();
    this.mark("");
    if (focused) document.querySelector(`#${CSS.escape(focused)}`)?.focus();
  }

  isShown = (id) => !this.#hidden.has(this.#regions.get(id).name);

  /** Marks the row of a region and says more about it. */
  mark(id) {
    list.querySelector(".active")?.classList.remove("active");
    this.#rows.get(id)?.classList.add("active");
    const region = this.#regions.get(id);
    detail.hidden = this.#rows.size === 0;
    detail.textContent = region
      ? `${spoken(region.name)}: outline ${pixels(region.perimeter)}, ${count(region.parts, "part")}, ${count(region.holes, "hole")}`
      : "Point at a region, or walk them with Tab and the arrow keys.";
  }

  #row(id, region, color, [width, height]) {
    const box = make("input", { type: "checkbox", id: `show-${id}`, checked: this.isShown(id) });
    box.setAttribute("aria-describedby", `area-${id}`);
    box.addEventListener("input", () => this.#toggle(id, box.checked));
    const swatch = make("input", { type: "color", value: color, id: `color-${id}` });
    swatch.setAttribute("aria-label", `Colour of ${spoken(region.name)}`);
    swatch.addEventListener("change", () => this.calls.onColor(region.name, swatch.value));
    const label = make("label", { htmlFor: box.id }, spoken(region.name));
    const size = make("span", { className: "size", id: `area-${id}` }, area(region.area));
    size.title = `${percent(region.area / (width * height))} of the crop`;
    const row = make("li", {}, swatch, label, size, box);
    row.dataset.region = id;
    return row;
  }

  #toggle(id, shown) {
    const { name } = this.#regions.get(id);
    if (shown) this.#hidden.delete(name);
    else this.#hidden.add(name);
    this.calls.onShown(id, shown);
    this.#settleAll();
  }

  #settleAll() {
    const hidden = [...this.#rows.keys()].filter((id) => !this.isShown(id)).length;
    all.checked = hidden < this.#rows.size;
    all.indeterminate = hidden > 0 && hidden < this.#rows.size;
  }
}

const idOf = (target) => target?.closest?.("#regions [data-region]")?.dataset.region ?? "";
