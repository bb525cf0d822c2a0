// The customer's page, on its own (`/`) or inside the widget's frame (`/chat/embed`).

import { showAbout, setUpPrivacy } from "./about.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { Host } from "./host.js";
import { Status } from "./status.js";
import { Store } from "./store.js";
import { loadTexts, say } from "./texts.js";
import { Transcript } from "./transcript.js";

const TYPING_SHOWN_MS = 20_000;

const $ = (id) => document.getElementById(id);

function label() {
  const texts = { human: "human", jump: "jump", "input-label": "input_label", send: "send", note: "note" };
  for (const [id, key] of Object.entries(texts)) $(id).textContent = say(key);
  $("log").setAttribute("aria-label", say("log_label"));
  $("scroller").setAttribute("aria-label", say("log_label"));
  $("close").setAttribute("aria-label", say("close"));
  $("close").textContent = "×";
  $("input").placeholder = say("placeholder");
}

class Page {
  constructor() {
    this.source = document.body.dataset.source;
    this.store = new Store();
    this.conversation = new Conversation({ store: this.store, source: this.source });
    this.transcript = new Transcript({ log: $("log"), scroller: $("scroller") });
    this.status = new Status({ text: $("status"), dot: $("status-dot"), human: $("human"), input: $("input") });
    this.host = new Host({ source: this.source, closeButton: $("close"), title: document.title });
    this.composer = new Composer({
      form: $("composer"), input: $("input"), button: $("send"), counter: $("counter"), store: this.store,
    });
    this.isLoading = false;
  }

  start() {
    this.#listenToConversation();
    this.#listenToPage();
    showAbout($("about"), (text) => this.composer.fill(text));
    this.status.storage(this.store.isLasting);
    this.conversation.start();
    if (this.source === "web" && matchMedia("(pointer: fine)").matches) this.composer.focus();
  }

  #listenToConversation() {
    const { conversation, transcript, status } = this;
    const on = (name, handler) => conversation.addEventListener(name, (event) => handler(event.detail));
    on("message", (message) => this.#message(message));
    on("pending", (entry) => transcript.addPending(entry));
    on("sent", (entry) => transcript.confirm(entry));
    on("failed", (entry) => transcript.fail(entry));
    on("removed", (clientId) => transcript.remove(clientId));
    on("reset", () => transcript.clear());
    on("mode", (frame) => status.mode(frame));
    on("typing", (frame) => this.#typing(frame));
    on("notice", ({ text }) => status.notice(text));
    on("loading", () => this.#loading(true));
    on("loaded", () => this.#loading(false));
    conversation.link.addEventListener("state", (event) => {
      status.link(event.detail);
      if (event.detail.state !== "open") this.#typing({ is_typing: false });
    });
  }

  #listenToPage() {
    const { conversation, transcript, composer } = this;
    transcript.addEventListener("choose", ({ detail }) => conversation.send(detail.title, detail.payload));
    transcript.addEventListener("retry", ({ detail }) => conversation.retry(detail));
    transcript.addEventListener("discard", ({ detail }) => conversation.discard(detail));
    composer.addEventListener("send", ({ detail }) => conversation.send(detail));
    composer.addEventListener("typing", ({ detail }) => (detail ? conversation.typing() : conversation.stopTyping()));
    $("human").addEventListener("click", () => conversation.send(say("human_message")));
    $("banner-button").addEventListener("click", () => conversation.link.reconnect());
    $("jump").addEventListener("click", () => transcript.toEnd());
    $("scroller").addEventListener("scroll", () => transcript.isNearEnd && ($("jump").hidden = true), { passive: true });
    transcript.stickToEnd();
    this.host.addEventListener("shown", () => this.composer.focus());
    // iOS lays its keyboard over the page; the visual viewport tells what is left to see.
    visualViewport?.addEventListener("resize", () => {
      document.documentElement.style.setProperty("--viewport", `${visualViewport.height}px`);
    });
  }

  #loading(isLoading) {
    this.isLoading = isLoading;
    $("log").setAttribute("aria-busy", String(isLoading));
    if (!isLoading) this.transcript.toEnd();
  }

  #message(message) {
    const wasNearEnd = this.transcript.isNearEnd;
    if (!this.transcript.add(message) || this.isLoading) return;
    if (message.sender !== "customer") {
      this.#typing({ is_typing: false });
      this.host.count();
    }
    if (wasNearEnd) this.transcript.toEnd();
    else $("jump").hidden = false;
  }

  #typing({ sender, is_typing: isTyping }) {
    clearTimeout(this.typingEnd);
    const wasNearEnd = this.transcript.isNearEnd;
    $("typing").hidden = !isTyping;
    if (!isTyping) return;
    $("typing-text").textContent = this.status.typing(sender);
    this.typingEnd = setTimeout(() => ($("typing").hidden = true), TYPING_SHOWN_MS);
    if (wasNearEnd) this.transcript.toEnd();
  }
}

try {
  await loadTexts();
  label();
  setUpPrivacy($);
  new Page().start();
} catch (error) {
  $("status").textContent = document.body.dataset.failed;
  console.warn(error);
}
