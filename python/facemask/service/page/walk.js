// Walking the regions of the picture with the keyboard: one stop for Tab, arrows from region to region, as in any list.

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** `onFocus` gets the id of the focused region, "" when the focus leaves. */
export function walkRegions(list, parts, onFocus) {
  const hits = [...parts.values()].map((part) => part.hit);
  hits[0]?.setAttribute("tabindex", "0");
  // On each region, not on the list: Chromium lets Tab stop at any SVG element that listens for focus.
  for (const hit of hits) {
    hit.addEventListener("focus", () => {
      for (const other of hits) {
        other.setAttribute("tabindex", hit === other ? "0" : "-1");
        other.setAttribute("aria-selected", String(hit === other));
      }
      onFocus(hit.dataset.region);
    });
    hit.addEventListener("blur", () => onFocus(""));
  }
  list.addEventListener("keydown", (event) => {
    const shown = hits.filter((hit) => !hit.hasAttribute("hidden"));
    const next = target(event.key, shown, document.activeElement);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}

function target(key, shown, current) {
  if (key === "Home") return shown[0];
  if (key === "End") return shown.at(-1);
  const step = STEPS[key];
  const place = shown.indexOf(current);
  return step && place >= 0 ? shown[(place + step + shown.length) % shown.length] : null;
}
