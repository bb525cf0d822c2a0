// Photos: shown from memory (the server wants our token, which an <img> can't show), opened large,
// sent one by one with progress. What is not sent yet lives as long as the page.

import { makeId } from "./store.js";
import { make, makeButton, say } from "./texts.js";

const LIMIT_BYTES = 10 * 1024 * 1024;
const TYPES = ["image/jpeg", "image/png", "image/webp"];
const SHOWN_PX = 240;

export class Photos extends EventTarget {
  constructor({ store, viewer }) {
    super();
    this.store = store;
    this.viewer = viewer;
    this.waiting = new Map();
    this.isSending = false;
    addEventListener("beforeunload", (event) => this.waiting.size && event.preventDefault());
    viewer.addEventListener("click", () => viewer.close());
    viewer.addEventListener("close", () => viewer.replaceChildren());
  }

  /** Take files from the customer; what can't be sent is said at once. */
  take(files) {
    for (const file of files) {
      const problem = !TYPES.includes(file.type) ? "photo_type" : file.size > LIMIT_BYTES ? "photo_too_large" : null;
      if (problem) this.#tell("refused", say(problem, { name: file.name }));
      else this.#add(file);
    }
  }

  retry(clientId) {
    const entry = this.waiting.get(clientId);
    if (!entry) return;
    entry.failed = false;
    this.#tell("pending", entry);
    this.#next();
  }

  discard(clientId) {
    const entry = this.waiting.get(clientId);
    if (!entry) return;
    this.#done(entry);
    this.#tell("removed", clientId);
  }

  has(clientId) {
    return this.waiting.has(clientId);
  }

  /** The connection is back: what failed for want of one goes out. */
  resume() {
    for (const entry of this.waiting.values()) if (entry.isOffline) this.retry(entry.client_id);
  }

  /** The picture of a stored photo; `label` is what a screen reader says. */
  picture(photo, label) {
    const scale = Math.min(1, SHOWN_PX / Math.max(photo.width, photo.height));
    const button = makeButton("photo", undefined, () => this.#open(photo, label));
    button.setAttribute("aria-label", say("photo_open", { label }));
    button.append(image("", Math.round(photo.width * scale), Math.round(photo.height * scale)));
    this.#load(photo, "?size=small").then((url) => (button.firstChild.src = url), () => button.classList.add("lost"));
    return button;
  }

  /** The picture of a photo on its way. */
  preview(entry) {
    const box = make("div", "photo sending");
    entry.bar = make("progress");
    entry.bar.max = 100;
    entry.bar.value = 0;
    entry.bar.setAttribute("aria-label", say("photo_progress"));
    const shown = image(say("photo_mine"), SHOWN_PX, SHOWN_PX);
    shown.src = entry.url;
    box.append(shown, entry.bar);
    return box;
  }

  #add(file) {
    const entry = { client_id: makeId(), file, url: URL.createObjectURL(file), at: new Date().toISOString(), text: "" };
    this.waiting.set(entry.client_id, entry);
    this.#tell("pending", entry);
    this.#next();
  }

  #next() {
    const entry = [...this.waiting.values()].find((one) => !one.failed);
    if (this.isSending || !entry) return;
    this.isSending = true;
    const request = new XMLHttpRequest();
    request.open("POST", "/chat/photos");
    request.setRequestHeader("Authorization", `Bearer ${this.store.get("token") ?? ""}`);
    request.setRequestHeader("X-Client-Id", entry.client_id);
    request.upload.addEventListener("progress", ({ loaded, total }) => total && entry.bar && (entry.bar.value = (95 * loaded) / total));
    request.addEventListener("load", () => this.#answered(entry, request));
    request.addEventListener("error", () => this.#failed(entry, say("photo_offline"), true));
    request.addEventListener("loadend", () => {
      this.isSending = false;
      this.#next();
    });
    request.send(entry.file);
  }

  #answered(entry, request) {
    const answer = parse(request.responseText);
    if (request.status !== 201 || !answer) {
      return this.#failed(entry, answer?.error?.text ?? say("photo_failed"), request.status >= 500);
    }
    this.#done(entry);
    return this.#tell("sent", answer);
  }

  #failed(entry, error, isOffline) {
    if (!this.waiting.has(entry.client_id)) return;
    Object.assign(entry, { failed: true, isOffline });
    this.#tell("failed", { client_id: entry.client_id, error });
  }

  #done(entry) {
    this.waiting.delete(entry.client_id);
    URL.revokeObjectURL(entry.url);
  }

  async #load(photo, query) {
    const headers = { Authorization: `Bearer ${this.store.get("token") ?? ""}` };
    const response = await fetch(`/chat/photos/${photo.id}${query}`, { headers });
    if (!response.ok) throw new Error(`photo: ${response.status}`);
    return URL.createObjectURL(await response.blob());
  }

  async #open(photo, label) {
    const shown = image(label, photo.width, photo.height);
    const close = makeButton("button primary", say("photo_close"), () => this.viewer.close());
    this.viewer.setAttribute("aria-label", label);
    this.viewer.replaceChildren(shown, close);
    this.viewer.showModal();
    try {
      shown.src = await this.#load(photo, "");
    } catch {
      shown.replaceWith(make("p", "", say("photo_lost")));
    }
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** Have a button, the clipboard and drag and drop hand their photos to `take`. */
export function listenForFiles({ button, input, field, area, mark }, take) {
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = "";
  });
  field.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    take(files);
  });
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  area.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    mark.hidden = false;
  });
  area.addEventListener("dragleave", (event) => area.contains(event.relatedTarget) || (mark.hidden = true));
  area.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    mark.hidden = true;
    take([...event.dataTransfer.files]);
  });
}

function image(alt, width, height) {
  const element = make("img");
  Object.assign(element, { alt, width, height });
  return element;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
