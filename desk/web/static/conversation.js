// The chat protocol: hello and resume, messages that are kept until the server has stored them.
// Knows nothing of the page. Dispatches `message`, `pending`, `sent`, `failed`, `removed`, `mode`,
// `typing`, `notice`, `reset`, `loading` and `loaded`; the detail is what the name says.

import { Link } from "./link.js";
import { Outbox, makeId } from "./store.js";

const ACK_MS = 10_000;
const SLOW_DOWN_MS = 5_000;
const TYPING_EVERY_MS = 3_000;
const TYPING_ENDS_MS = 5_000;
const PAGE_SIZE = 200;
const LOST_CONVERSATION = "conversation_not_found";

export class Conversation extends EventTarget {
  constructor({ store, source, path = "/ws/chat" }) {
    super();
    this.store = store;
    this.source = source;
    this.outbox = new Outbox(store);
    this.lastSeq = 0;
    this.id = null;
    this.isWelcome = false;
    this.waiting = new Map();
    this.link = new Link(path);
    this.link.addEventListener("open", () => this.#hello());
    this.link.addEventListener("frame", (event) => this.#frame(event.detail));
    this.link.addEventListener("state", (event) => event.detail.state !== "open" && this.#lost());
  }

  start() {
    for (const entry of this.outbox.entries()) this.#show(entry);
    this.link.connect();
  }

  /** Keep the message, then send it; it is shown at once as pending. */
  send(text, payload = null) {
    const entry = { client_id: makeId(), text, payload, at: new Date().toISOString() };
    this.outbox.add(entry);
    this.#show(entry);
    this.stopTyping();
    this.#post(entry);
  }

  retry(clientId) {
    const entry = this.outbox.find(clientId);
    if (!entry) return;
    this.outbox.change(clientId, { error: null });
    this.#emit("pending", { ...entry, error: null });
    this.#post(entry);
  }

  discard(clientId) {
    this.outbox.remove(clientId);
    this.#emit("removed", clientId);
  }

  /** Tell the agent that the customer is typing; at most every three seconds. */
  typing() {
    clearTimeout(this.typingEnd);
    this.typingEnd = setTimeout(() => this.stopTyping(), TYPING_ENDS_MS);
    const now = Date.now();
    if (this.isWelcome && now - (this.typingAt ?? 0) > TYPING_EVERY_MS) {
      this.typingAt = now;
      this.link.send({ type: "typing", is_typing: true });
    }
  }

  stopTyping() {
    clearTimeout(this.typingEnd);
    if (!this.typingAt) return;
    this.typingAt = 0;
    this.link.send({ type: "typing", is_typing: false });
  }

  #hello() {
    this.link.send({ type: "hello", token: this.store.get("token"), last_seq: this.lastSeq, source: this.source });
  }

  #lost() {
    this.isWelcome = false;
    for (const timer of this.waiting.values()) clearTimeout(timer);
    this.waiting.clear();
  }

  #frame(frame) {
    const handlers = {
      welcome: () => this.#welcome(frame),
      ack: () => this.#stored(frame.client_id, frame.seq, frame.at),
      message: () => this.#message(frame.message),
      mode: () => this.#emit("mode", frame),
      typing: () => this.#emit("typing", frame),
      error: () => this.#error(frame),
    };
    handlers[frame.type]?.();
  }

  #welcome(frame) {
    if (this.id && this.id !== frame.conversation_id) this.#forget();
    this.id = frame.conversation_id;
    this.store.set("token", frame.token);
    this.link.settle();
    this.#emit("loading");
    for (const message of frame.messages) this.#message(message);
    this.#emit("loaded");
    this.#emit("mode", frame);
    // A long conversation comes in parts: ask on until a part is not full.
    if (frame.messages.length >= PAGE_SIZE) return this.#hello();
    this.isWelcome = true;
    for (const entry of this.outbox.entries()) if (!entry.error) this.#post(entry);
  }

  #message(message) {
    if (message.client_id) this.#settle(message.client_id);
    this.lastSeq = Math.max(this.lastSeq, message.seq);
    this.#emit("message", message);
  }

  #stored(clientId, seq, at) {
    this.#settle(clientId);
    this.#emit("sent", { client_id: clientId, seq, at });
  }

  #settle(clientId) {
    clearTimeout(this.waiting.get(clientId));
    this.waiting.delete(clientId);
    this.outbox.remove(clientId);
  }

  #error({ code, text, client_id: clientId }) {
    if (code === LOST_CONVERSATION && !clientId) return this.#startAfresh();
    if (!this.isWelcome && !clientId) {
      // The hello was refused for now: try again later, with growing pauses.
      this.#emit("notice", { code, text });
      return this.link.abandon();
    }
    const entry = clientId && this.outbox.find(clientId);
    if (!entry) return this.#emit("notice", { code, text });
    clearTimeout(this.waiting.get(clientId));
    if (code === "slow_down") {
      this.waiting.set(clientId, setTimeout(() => this.#post(entry), SLOW_DOWN_MS));
      return this.#emit("failed", { ...entry, error: text, isRetrying: true });
    }
    this.waiting.delete(clientId);
    this.outbox.change(clientId, { error: text });
    return this.#emit("failed", { ...entry, error: text });
  }

  /** The server no longer knows our conversation: begin a new one, with what is still unsent. */
  #startAfresh() {
    if (this.store.get("token") === null) return;
    this.store.set("token", null);
    this.#forget();
    this.#hello();
  }

  #forget() {
    this.lastSeq = 0;
    this.id = null;
    this.#emit("reset");
    for (const entry of this.outbox.entries()) this.#show(entry);
  }

  #show(entry) {
    this.#emit("pending", entry);
    if (entry.error) this.#emit("failed", entry);
  }

  #post({ client_id: clientId, text, payload }) {
    if (!this.isWelcome || !this.outbox.find(clientId)) return;
    this.link.send({ type: "message", client_id: clientId, text, payload });
    clearTimeout(this.waiting.get(clientId));
    this.waiting.set(clientId, setTimeout(() => this.link.abandon(), ACK_MS));
  }

  #emit(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
