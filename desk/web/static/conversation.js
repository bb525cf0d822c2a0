// The chat protocol: hello and resume, messages that are kept until the server has stored them.
// Knows nothing of the page. Dispatches `message`, `pending`, `sent`, `failed`, `removed`, `mode`,
// `typing`, `read`, `given` (a return link), `over` (a return link that opens nothing), `notice`,
// `reset`, `loading` and `loaded`; the detail is what the name says.

import { Link } from "./link.js";
import { Outbox, makeId } from "./store.js";
import { script } from "./texts.js";

const ACK_MS = 10_000;
const AGAIN_MS = 5_000;
/** Refusals that pass by themselves, and what the page says meanwhile. */
const PASSING = { slow_down: "waiting_slow", store_unavailable: "waiting_store" };
const TYPING_EVERY_MS = 3_000;
const TYPING_ENDS_MS = 5_000;
const PAGE_SIZE = 200;
const LOST_CONVERSATION = "conversation_not_found";
const LINK_OVER = "return_link_over";

export class Conversation extends EventTarget {
  constructor({ store, source, path = "/ws/chat" }) {
    super();
    this.store = store;
    this.source = source;
    this.outbox = new Outbox(store);
    this.lastSeq = 0;
    this.readSeq = 0;
    this.id = null;
    this.back = null;
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

  /** Come back by a link: in place of the conversation that this browser has, once connected. */
  comeBack(link) {
    this.back = link;
  }

  /** Tell the agent how far the customer has read. */
  read(seq = this.lastSeq) {
    if (!this.isWelcome || seq <= this.readSeq) return;
    this.readSeq = seq;
    this.link.send({ type: "read", seq });
  }

  /** Ask for a link to come back by, shown here (`to` is null) or sent to an address. */
  askForLink(to = null) {
    return this.isWelcome && this.link.send({ type: "link", to });
  }

  /** Leave word for people who are not there. Kept like a message until it is stored. */
  leaveWord(fields) {
    const entry = { client_id: makeId(), payload: null, at: new Date().toISOString(), word: fields, text: fields.text };
    this.outbox.add(entry);
    this.#show(entry);
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
    const { source, lastSeq, back } = this;
    const way = back ? { link: back } : { token: this.store.get("token"), last_seq: lastSeq };
    this.link.send({ type: "hello", source, lang: script(), ...way });
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
      read: () => this.#emit("read", frame.seq),
      link: () => this.#emit("given", frame),
      error: () => this.#error(frame),
    };
    handlers[frame.type]?.();
  }

  #welcome(frame) {
    if (this.id && this.id !== frame.conversation_id) this.#forget();
    this.id = frame.conversation_id;
    this.back = null;
    this.store.set("token", frame.token);
    this.link.settle();
    this.#emit("loading");
    for (const message of frame.messages) this.#message(message);
    this.#emit("loaded");
    this.#emit("read", frame.staff_read_seq);
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

  /** The server does not send our own words back to us where nothing came in between. */
  #stored(clientId, seq, at) {
    this.#settle(clientId);
    if (seq === this.lastSeq + 1) this.lastSeq = seq;
    this.#emit("sent", { client_id: clientId, seq, at });
  }

  #settle(clientId) {
    clearTimeout(this.waiting.get(clientId));
    this.waiting.delete(clientId);
    this.outbox.remove(clientId);
  }

  #error({ code, text, client_id: clientId }) {
    if (code === LINK_OVER) {
      this.back = null;
      this.#emit("over", text);
      return this.#hello();
    }
    if (code === LOST_CONVERSATION && !clientId) return this.#startAfresh();
    if (!this.isWelcome && !clientId) {
      // The hello was refused for now: try again later, with growing pauses.
      this.#emit("notice", { code, text });
      return this.link.abandon();
    }
    const entry = clientId && this.outbox.find(clientId);
    if (!entry) return this.#emit("notice", { code, text });
    clearTimeout(this.waiting.get(clientId));
    if (code in PASSING) {
      this.waiting.set(clientId, setTimeout(() => this.#post(entry), AGAIN_MS));
      return this.#emit("failed", { ...entry, error: text, retrying: PASSING[code] });
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
    this.lastSeq = this.readSeq = 0;
    this.id = null;
    this.#emit("reset");
    for (const entry of this.outbox.entries()) this.#show(entry);
  }

  #show(entry) {
    this.#emit("pending", entry);
    if (entry.error) this.#emit("failed", entry);
  }

  #post({ client_id: clientId, text, payload, word }) {
    if (!this.isWelcome || !this.outbox.find(clientId)) return;
    const frame = word ? { type: "word", ...word } : { type: "message", text, payload };
    this.link.send({ ...frame, client_id: clientId });
    clearTimeout(this.waiting.get(clientId));
    this.waiting.set(clientId, setTimeout(() => this.link.abandon(), ACK_MS));
  }

  #emit(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
