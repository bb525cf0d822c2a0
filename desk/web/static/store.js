// What the page keeps in the browser: the conversation's token, what is not yet acknowledged, the draft.
// Storage may be forbidden (private mode, third-party frames): then everything lives as long as the page.

const PREFIX = "kefu.";

export class Store {
  constructor() {
    this.memory = new Map();
    this.isLasting = this.#works();
  }

  #works() {
    try {
      localStorage.setItem(`${PREFIX}probe`, "1");
      localStorage.removeItem(`${PREFIX}probe`);
      return true;
    } catch {
      return false;
    }
  }

  get(name) {
    if (!this.isLasting) return this.memory.get(name) ?? null;
    try {
      return JSON.parse(localStorage.getItem(PREFIX + name));
    } catch {
      return null;
    }
  }

  set(name, value) {
    if (this.isLasting) {
      try {
        localStorage.setItem(PREFIX + name, JSON.stringify(value));
        return;
      } catch {
        this.isLasting = false;
      }
    }
    this.memory.set(name, value);
  }
}

/** Messages typed but not yet stored by the server. Two open tabs share it, so each step reads afresh. */
export class Outbox {
  constructor(store) {
    this.store = store;
  }

  entries() {
    const entries = this.store.get("outbox");
    return Array.isArray(entries) ? entries.filter((entry) => typeof entry?.client_id === "string") : [];
  }

  find(clientId) {
    return this.entries().find((entry) => entry.client_id === clientId);
  }

  add(entry) {
    this.store.set("outbox", [...this.entries(), entry]);
  }

  change(clientId, changes) {
    this.store.set(
      "outbox",
      this.entries().map((entry) => (entry.client_id === clientId ? { ...entry, ...changes } : entry)),
    );
  }

  remove(clientId) {
    this.store.set("outbox", this.entries().filter((entry) => entry.client_id !== clientId));
  }
}

export function makeId() {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  // randomUUID exists on https and localhost only.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
