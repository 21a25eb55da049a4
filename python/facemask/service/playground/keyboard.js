// Keyboard navigation of the regions as in a listbox: one Tab stop, arrow keys between regions.

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** `onFocus` gets the id of the focused region, "" when the focus leaves. */
export function addRegionNavigation(list, parts, onFocus) {
  const hitAreas = [...parts.values()].map((part) => part.hit);
  hitAreas[0]?.setAttribute("tabindex", "0");
  // On each region, not on the list: Chromium lets Tab stop at any SVG element that listens for focus.
  for (const hit of hitAreas) {
    hit.addEventListener("focus", () => {
      for (const other of hitAreas) {
        other.setAttribute("tabindex", hit === other ? "0" : "-1");
        other.setAttribute("aria-selected", String(hit === other));
      }
      onFocus(hit.dataset.region);
    });
    hit.addEventListener("blur", () => onFocus(""));
  }
  list.addEventListener("keydown", (event) => {
    const shown = hitAreas.filter((hit) => !hit.hasAttribute("hidden"));
    const next = nextRegion(event.key, shown, document.activeElement);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}

function nextRegion(key, shown, current) {
  if (key === "Home") return shown[0];
  if (key === "End") return shown.at(-1);
  const step = STEPS[key];
  const index = shown.indexOf(current);
  return step && index >= 0 ? shown[(index + step + shown.length) % shown.length] : null;
}
