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
