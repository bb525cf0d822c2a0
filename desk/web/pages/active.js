// Tells the desk that someone works in an open page: the pages' own refreshing doesn't count.
"use strict";
{
  const EVERY_MS = 60_000;
  let last = Date.now();
  const note = () => {
    if (Date.now() - last < EVERY_MS) return;
    last = Date.now();
    fetch("/desk/active", { method: "POST" }).catch(() => {});
  };
  for (const kind of ["keydown", "pointerdown", "wheel"]) {
    window.addEventListener(kind, note, { capture: true, passive: true });
  }
}
