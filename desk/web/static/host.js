// What is unread: in the tab's title, and, inside a widget, on the foreign page's launcher.
// The frame talks only to the window and the origin that embedded it.

import { say } from "./texts.js";

export class Host extends EventTarget {
  constructor({ source, closeButton, title }) {
    super();
    this.title = title;
    this.unread = 0;
    this.isShown = source !== "widget";
    document.addEventListener("visibilitychange", () => this.#seen());
    addEventListener("focus", () => this.#seen());
    if (source === "widget") this.#setUpFrame(closeButton);
  }

  /** One more message that the customer may not have seen. */
  count() {
    if (this.isShown && !document.hidden) return;
    this.unread += 1;
    this.#draw();
  }

  #setUpFrame(closeButton) {
    this.origin = embeddingOrigin();
    if (!this.origin) return;
    closeButton.hidden = false;
    closeButton.addEventListener("click", () => this.#post({ kind: "close" }));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing && !document.querySelector("dialog[open]")) {
        this.#post({ kind: "close" });
      }
    });
    document.addEventListener("keydown", (event) => event.key === "Tab" && keepInside(event));
    paint(new URLSearchParams(location.search).get("color"));
    addEventListener("message", (event) => {
      if (event.source !== parent || event.origin !== this.origin || event.data?.kefu !== "host") return;
      this.isShown = event.data.isShown === true;
      this.#seen();
      if (this.isShown) this.dispatchEvent(new Event("shown"));
    });
    this.#post({ kind: "ready" });
  }

  #seen() {
    if (!this.isShown || document.hidden) return;
    this.unread = 0;
    this.#draw();
  }

  #draw() {
    document.title = this.unread ? say("unread_title", { n: this.unread, title: this.title }) : this.title;
    this.#post({ kind: "unread", count: this.unread });
  }

  #post(message) {
    if (this.origin) parent.postMessage({ kefu: "frame", ...message }, this.origin);
  }
}

/** The embedding page's origin, or null when this is no frame. Which pages may embed, the server's CSP says. */
function embeddingOrigin() {
  if (parent === window) return null;
  const told = new URLSearchParams(location.search).get("host");
  const known = location.ancestorOrigins?.[0] ?? told;
  return known && known === told ? told : null;
}

/** While it is open the chat keeps the focus: Tab goes round in it. A dialog does so by itself. */
function keepInside(event) {
  if (document.querySelector("dialog[open]")) return;
  const all = document.querySelectorAll("a[href], button, input, textarea, [tabindex='0']");
  const usable = [...all].filter((one) => !one.disabled && one.checkVisibility() && one.type !== "file");
  const [first, last] = [usable[0], usable.at(-1)];
  const edge = event.shiftKey ? first : last;
  if (!first || document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? last : first).focus();
}

/** The embedding site's colour for the head: `#rrggbb`, with letters that can be read on it. */
function paint(color) {
  if (!/^#[0-9a-f]{6}$/i.test(color ?? "")) return;
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255).map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
  const isLight = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179;
  const { style } = document.documentElement;
  style.setProperty("--head", color);
  style.setProperty("--on-head", isLight ? "#111" : "#fff");
}
