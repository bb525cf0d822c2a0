// The list of messages. Every word goes in as text, never as HTML. Rows with a number keep its order;
// rows still on their way stand at the end.

import { isSurvey, offer } from "./buttons.js";
import { beside, build, hasButtons, remainder } from "./cards.js";
import { clock, day, make, ofCompany, say } from "./texts.js";

const NEAR_END_PX = 80;
const GROUP_MS = 5 * 60_000;
/** A message of the desk that names a ticket is news of a matter, not a remark on the talk. */
const TICKET = /T\d{6}-\d{4,6}-\d/;

export class Transcript extends EventTarget {
  constructor({ log, scroller, photos }) {
    super();
    this.log = log;
    this.scroller = scroller;
    this.photos = photos;
    this.readSeq = 0;
    this.bySeq = new Map();
    this.byClientId = new Map();
  }

  clear() {
    this.readSeq = 0;
    this.log.replaceChildren();
    this.bySeq.clear();
    this.byClientId.clear();
  }

  /** Add a stored message; a second time, or after its own pending row, it only updates. */
  add(message) {
    if (this.bySeq.has(message.seq)) return false;
    const own = message.client_id ? this.byClientId.get(message.client_id) : undefined;
    if (own) {
      this.confirm(message);
      return false;
    }
    const row = this.#build(message);
    this.#number(row, message.seq);
    if (message.sender === "customer") this.#markStored(row);
    if (message.client_id) this.byClientId.set(message.client_id, row);
    this.#offerButtons();
    return true;
  }

  addPending(entry) {
    let row = this.byClientId.get(entry.client_id);
    if (!row) {
      row = this.#build({ ...entry, sender: "customer", buttons: [] });
      this.byClientId.set(entry.client_id, row);
      this.log.append(row);
      this.#group(row);
      this.toEnd();
    }
    row.classList.remove("failed");
    row.classList.add("pending");
    this.#mark(row, "sending");
    this.#offerButtons();
  }

  /** The other side has read the customer's messages up to this one. */
  read(seq) {
    this.readSeq = Math.max(this.readSeq, seq);
    for (const row of this.log.querySelectorAll(".row.customer[data-seq]")) this.#markStored(row);
  }

  confirm({ client_id: clientId, seq, at, photos }) {
    const row = this.byClientId.get(clientId);
    if (!row || this.bySeq.has(seq)) return;
    if (photos?.length) row.querySelector(".photo.sending")?.replaceWith(this.#picture(photos[0], "customer"));
    row.classList.remove("pending", "failed");
    row.dataset.at = at;
    row.querySelector("time").textContent = clock(at);
    this.#number(row, seq);
    this.#markStored(row);
    this.#offerButtons();
  }

  fail({ client_id: clientId, error, retrying = null }) {
    const row = this.byClientId.get(clientId);
    if (!row) return;
    row.classList.toggle("pending", Boolean(retrying));
    row.classList.toggle("failed", !retrying);
    this.#mark(row, retrying ?? "failed", retrying ? "" : error);
    if (retrying) return;
    for (const action of ["retry", "discard"]) {
      const button = make("button", "link", say(action));
      button.type = "button";
      button.addEventListener("click", () => this.#tell(action, clientId));
      row.querySelector(".meta").append(button);
    }
    this.toEnd();
  }

  remove(clientId) {
    const row = this.byClientId.get(clientId);
    this.byClientId.delete(clientId);
    const next = row?.nextElementSibling;
    row?.remove();
    if (next) this.#group(next);
    this.#offerButtons();
  }

  get isNearEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  /** Whoever reads the newest line goes on seeing it when the input or the keyboard grows. */
  stickToEnd() {
    let wasNearEnd = true;
    this.scroller.addEventListener("scroll", () => (wasNearEnd = this.isNearEnd), { passive: true });
    const observer = new ResizeObserver(() => wasNearEnd && this.toEnd());
    // A picture that loads makes the log grow.
    for (const element of [this.scroller, this.log]) observer.observe(element);
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  #build(message) {
    const { sender, text, at, agent_name: agentName, buttons, card } = message;
    const row = make("div", `row ${sender}`);
    row.dataset.at = at;
    const name = { customer: say("me"), bot: say("bot_name", { name: ofCompany("bot_name") }), agent: agentName || say("agent_name") }[sender] ?? "";
    row.dataset.name = name;
    const line = make("div", "line");
    const avatar = make("span", "avatar", sender === "bot" ? say("bot_avatar") : name.slice(0, 1));
    avatar.setAttribute("aria-hidden", "true");
    const meta = make("div", "meta");
    const time = make("time", "", clock(at));
    time.dateTime = at;
    meta.append(time, make("span", "state"));
    line.append(avatar, make("div", "who", name), ...this.#body(message), meta);
    row.append(line);
    row.classList.toggle("news", sender === "system" && TICKET.test(text));
    row.card = card ?? null;
    row.buttons = beside(row.card, buttons ?? []);
    row.isPhoto = Boolean(message.photos?.length || message.file);
    return row;
  }

  /** Bubble, card, photos: what the message has of each. */
  #body(message) {
    if (message.file) return [this.photos.preview(message)];
    if (message.photos?.length) return message.photos.map((photo) => this.#picture(photo, message.sender, message.agent_name));
    const card = build(message.card, (chosen) => this.#tell("choose", chosen), () => this.#tell("mine"));
    const text = card ? remainder(message.card, message.text) : message.text;
    return [...(text ? [make("div", "bubble", text)] : []), ...(card ? [card] : [])];
  }

  #picture(photo, sender, agentName) {
    return this.photos.picture(photo, sender === "customer" ? say("photo_mine") : say("photo_theirs", { name: agentName || say("agent_name") }));
  }

  #number(row, seq) {
    row.dataset.seq = seq;
    this.bySeq.set(seq, row);
    let before = this.log.lastElementChild;
    while (before && (before === row || !before.dataset.seq || Number(before.dataset.seq) > seq)) {
      before = before.previousElementSibling;
    }
    if (!before) this.log.prepend(row);
    else if (before.nextElementSibling !== row) before.after(row);
    this.#group(row);
    if (row.nextElementSibling) this.#group(row.nextElementSibling);
  }

  /** A day heading where the day changes; name and avatar on the first row of a group. */
  #group(row) {
    row.querySelector(".divider")?.remove();
    const before = row.previousElementSibling;
    const heading = day(row.dataset.at);
    const isNewDay = !before || day(before.dataset.at) !== heading;
    if (isNewDay) row.prepend(make("div", "divider", heading));
    const isOther = !before || before.className.split(" ")[1] !== row.className.split(" ")[1];
    const isOtherName = before?.dataset.name !== row.dataset.name;
    const isLater = before && new Date(row.dataset.at) - new Date(before.dataset.at) > GROUP_MS;
    row.classList.toggle("first", isNewDay || isOther || isOtherName || isLater);
  }

  #markStored(row) {
    const isRead = Number(row.dataset.seq) <= this.readSeq;
    row.classList.toggle("read", isRead);
    this.#mark(row, isRead ? "read" : "sent");
  }

  #mark(row, state, detail = "") {
    const place = row.querySelector(".state");
    place.textContent = detail ? `${say(state)}：${detail}` : say(state);
    for (const button of row.querySelectorAll(".meta button")) button.remove();
  }

  /** Quick replies and a card's buttons belong to the newest message only (a photo answers
      nothing); a survey's stars stay until they are used. */
  #offerButtons() {
    const rows = [...this.log.children];
    const newest = rows.findLast((row) => !(row.isPhoto && row.classList.contains("customer")));
    const asking = rows.filter((row) => (row.buttons?.length || hasButtons(row.card)) && !row.classList.contains("customer"));
    const offering = new Set([asking.findLast((row) => isSurvey(row.buttons)), asking.includes(newest) && newest]);
    for (const old of this.log.querySelectorAll(".quick")) if (!offering.has(old.closest(".row"))) old.remove();
    for (const row of asking) {
      const isOpen = offering.has(row);
      const card = row.querySelector(".card");
      card?.classList.toggle("answered", !isOpen);
      for (const button of card?.querySelectorAll(".edit") ?? []) button.disabled = !isOpen;
      if (isOpen && row.buttons.length && !row.querySelector(".quick")) (card ?? row).append(this.#buttonsOf(row));
    }
  }

  #buttonsOf(row) {
    return offer(row.buttons, (chosen) => {
      if (isSurvey(row.buttons)) row.buttons = [];
      this.#tell("choose", chosen);
    });
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
