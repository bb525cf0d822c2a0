// The customer's page, on its own (`/`) or inside the widget's frame (`/chat/embed`).

import { showAbout, setUpPrivacy } from "./about.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { Host } from "./host.js";
import { OwnData } from "./own_data.js";
import { Photos, listenForFiles } from "./photos.js";
import { Sheets } from "./sheets.js";
import { Status } from "./status.js";
import { Store } from "./store.js";
import { loadTexts, say, script } from "./texts.js";
import { Transcript } from "./transcript.js";

const TYPING_SHOWN_MS = 20_000;
const BACK = /^#back=([\w-]{20,100})$/;

const $ = (id) => document.getElementById(id);

function label() {
  const texts = {
    human: "human", jump: "jump", "input-label": "input_label", send: "send", note: "note", word: "word", elsewhere: "elsewhere", mine: "mine", drop: "photo_drop",
  };
  for (const [id, key] of Object.entries(texts)) $(id).textContent = say(key);
  $("log").setAttribute("aria-label", say("log_label"));
  $("scroller").setAttribute("aria-label", say("log_label"));
  $("close").setAttribute("aria-label", say("close"));
  $("close").textContent = "×";
  $("attach").setAttribute("aria-label", say("photo_attach"));
  $("attach").title = say("photo_attach");
  $("files").setAttribute("aria-label", say("photo_attach"));
  $("input").placeholder = say("placeholder");
}

class Page {
  constructor() {
    this.source = document.body.dataset.source;
    this.store = new Store();
    this.conversation = new Conversation({ store: this.store, source: this.source });
    this.photos = new Photos({ store: this.store, viewer: $("viewer") });
    this.transcript = new Transcript({ log: $("log"), scroller: $("scroller"), photos: this.photos });
    this.sheets = new Sheets({ sheet: $("sheet"), conversation: this.conversation });
    this.ownData = new OwnData({ sheet: $("sheet"), store: this.store, conversation: this.conversation });
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
    this.#switchScript();
    this.#start();
    if (this.source === "web" && matchMedia("(pointer: fine)").matches) this.composer.focus();
  }

  /** By a link from elsewhere only after the customer has said so. */
  #start() {
    const link = BACK.exec(location.hash)?.[1];
    if (!link) return this.conversation.start();
    history.replaceState(null, "", location.pathname + location.search);
    return this.sheets.comeBack((isWanted) => {
      if (isWanted) this.conversation.comeBack(link);
      this.conversation.start();
    });
  }

  /** The other script: a page of its own, with the same conversation and draft. */
  #switchScript() {
    const other = script() === "zh-Hant" ? "zh-Hans" : "zh-Hant";
    const address = new URL(location.href);
    address.searchParams.set("lang", other);
    Object.assign($("script"), { href: address.href, lang: other, hreflang: other, hidden: false, textContent: say(other === "zh-Hant" ? "script_traditional" : "script_simplified") });
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
    on("read", (seq) => transcript.read(seq));
    on("over", (text) => this.sheets.over(text));
    on("notice", ({ text }) => status.notice(text));
    on("loading", () => this.#loading(true));
    on("loaded", () => this.#loading(false));
    conversation.link.addEventListener("state", (event) => {
      status.link(event.detail);
      if (event.detail.state === "open") this.photos.resume();
      if (event.detail.state !== "open") this.#typing({ is_typing: false });
    });
  }

  #listenToPage() {
    const { conversation, transcript, composer } = this;
    transcript.addEventListener("choose", ({ detail }) => conversation.send(detail.title, detail.payload));
    transcript.addEventListener("mine", () => this.ownData.show());
    const keeper = (clientId) => (this.photos.has(clientId) ? this.photos : conversation);
    transcript.addEventListener("retry", ({ detail }) => keeper(detail).retry(detail));
    transcript.addEventListener("discard", ({ detail }) => keeper(detail).discard(detail));
    this.#listenToPhotos();
    composer.addEventListener("send", ({ detail }) => conversation.send(detail));
    composer.addEventListener("typing", ({ detail }) => (detail ? conversation.typing() : conversation.stopTyping()));
    $("human").addEventListener("click", () => conversation.send(say("human_message")));
    $("banner-button").addEventListener("click", () => conversation.link.reconnect());
    $("jump").addEventListener("click", () => transcript.toEnd());
    $("word").addEventListener("click", () => this.sheets.leaveWord(this.status.opens));
    $("elsewhere").addEventListener("click", () => this.sheets.elsewhere());
    $("mine").addEventListener("click", () => this.ownData.show());
    $("scroller").addEventListener("scroll", () => this.#seen(), { passive: true });
    document.addEventListener("visibilitychange", () => this.#seen());
    transcript.stickToEnd();
    this.host.addEventListener("shown", () => {
      this.composer.focus();
      this.#seen();
    });
    // iOS lays its keyboard over the page; the visual viewport tells what is left to see.
    visualViewport?.addEventListener("resize", () => {
      document.documentElement.style.setProperty("--viewport", `${visualViewport.height}px`);
    });
  }

  #listenToPhotos() {
    const { photos, transcript } = this;
    photos.addEventListener("pending", ({ detail }) => transcript.addPending(detail));
    photos.addEventListener("sent", ({ detail }) => transcript.confirm(detail));
    photos.addEventListener("failed", ({ detail }) => transcript.fail(detail));
    photos.addEventListener("removed", ({ detail }) => transcript.remove(detail));
    photos.addEventListener("refused", ({ detail }) => this.status.notice(detail));
    const places = { button: $("attach"), input: $("files"), field: $("input"), area: $("chat"), mark: $("drop") };
    listenForFiles(places, (files) => photos.take(files));
  }

  /** What the customer has before their eyes is read. */
  #seen() {
    if (!this.transcript.isNearEnd) return;
    $("jump").hidden = true;
    if (!document.hidden && this.host.isShown) this.conversation.read();
  }

  #loading(isLoading) {
    this.isLoading = isLoading;
    $("log").setAttribute("aria-busy", String(isLoading));
    if (isLoading) return;
    this.transcript.toEnd();
    queueMicrotask(() => this.#seen());
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
    this.#seen();
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
