// The list of regions: visibility, color and area of each.

import { area, count, labColor, percent, pictureName, pixels, readableName } from "./format.js";

const list = document.querySelector("#regions");
const all = document.querySelector("#all");
const detail = document.querySelector("#detail");

function createElement(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

export class RegionList {
  #hidden = new Set(); // names: the same id is another region in zones than in labels
  #rows = new Map();
  #regions = new Map();

  /** `onShown(id, shown)`, `onActive(id)`, `onColor(name, color)`. */
  constructor(callbacks) {
    this.callbacks = callbacks;
    all.addEventListener("input", () => {
      const isChecked = all.checked; // every click below updates it
      for (const box of list.querySelectorAll("[type=checkbox]")) if (box.checked !== isChecked) box.click();
    });
    list.addEventListener("pointerover", (event) => callbacks.onActive(idOf(event.target)));
    list.addEventListener("pointerleave", () => callbacks.onActive(idOf(document.activeElement)));
    list.addEventListener("focusin", (event) => callbacks.onActive(idOf(event.target)));
    list.addEventListener("focusout", () => callbacks.onActive(""));
  }

  /** Lists the regions of a result, or none for null; hidden names stay hidden. */
  show(result, parts) {
    const focused = list.contains(document.activeElement) ? document.activeElement.id : "";
    this.#rows.clear();
    this.#regions = new Map((result?.regions ?? []).map((region) => [String(region.id), region]));
    const shown = [...this.#regions].filter(([id]) => parts.has(id));
    for (const [id, region] of shown) this.#rows.set(id, this.#row(id, region, parts.get(id).color, result));
    list.replaceChildren(...this.#rows.values());
    document.querySelector("#no-regions").hidden = shown.length > 0;
    document.querySelector("#all-label").hidden = shown.length === 0;
    for (const [id] of shown) if (!this.isShown(id)) this.callbacks.onShown(id, false);
    this.#updateAll();
    this.highlight("");
    if (focused) document.querySelector(`#${CSS.escape(focused)}`)?.focus();
  }

  isShown = (id) => !this.#hidden.has(this.#regions.get(id).name);

  /** Highlights the row of a region and shows its details. */
  highlight(id) {
    list.querySelector(".active")?.classList.remove("active");
    this.#rows.get(id)?.classList.add("active");
    const region = this.#regions.get(id);
    detail.hidden = this.#rows.size === 0;
    detail.textContent = region
      ? `${readableName(region.name)}: outline ${pixels(region.perimeter)}, ${count(region.parts, "part")}, ${count(region.holes, "hole")}${labColor(region.color)}`
      : "Point at a region, or walk them with Tab and the arrow keys.";
  }

  #row(id, region, color, result) {
    const box = createElement("input", { type: "checkbox", id: `show-${id}`, checked: this.isShown(id) });
    box.setAttribute("aria-describedby", `area-${id}`);
    box.addEventListener("input", () => this.#toggle(id, box.checked));
    const swatch = createElement("input", { type: "color", value: color, id: `color-${id}` });
    swatch.setAttribute("aria-label", `Colour of ${readableName(region.name)}`);
    swatch.addEventListener("change", () => this.callbacks.onColor(region.name, swatch.value));
    const label = createElement("label", { htmlFor: box.id }, readableName(region.name));
    const size = createElement("span", { className: "size", id: `area-${id}` }, area(region.area));
    size.title = `${percent(region.area / (result.size[0] * result.size[1]))} of the ${pictureName(result)}`;
    const row = createElement("li", {}, swatch, label, size, box);
    row.dataset.region = id;
    return row;
  }

  #toggle(id, shown) {
    const { name } = this.#regions.get(id);
    if (shown) this.#hidden.delete(name);
    else this.#hidden.add(name);
    this.callbacks.onShown(id, shown);
    this.#updateAll();
  }

  #updateAll() {
    const hidden = [...this.#rows.keys()].filter((id) => !this.isShown(id)).length;
    all.checked = hidden < this.#rows.size;
    all.indeterminate = hidden > 0 && hidden < this.#rows.size;
  }
}

const idOf = (target) => target?.closest?.("#regions [data-region]")?.dataset.region ?? "";
