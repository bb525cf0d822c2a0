// The list of messages. Every word goes in as text, never as HTML. Rows with a number keep its order;
// rows still on their way stand at the end.

import { isSurvey, offer } from "./buttons.js";
import { clock, day, make, ofCompany, say } from "./texts.js";

const NEAR_END_PX = 80;
const GROUP_MS = 5 * 60_000;
/** A message of the desk that names a ticket is news of a matter, not a remark on the talk. */
const TICKET = /T\d{6}-\d{4,6}-\d/;

export class Transcript extends EventTarget {
  constructor({ log, scroller }) {
    super();
    this.log = log;
    this.scroller = scroller;
    this.bySeq = new Map();
    this.byClientId = new Map();
  }

  clear() {
    this.log.replaceChildren();
    this.bySeq.clear();
    this.byClientId.clear();
  }

  /** Add a stored message; a second time, or after its own pending row, it only updates. */
  add(message) {
    if (this.bySeq.has(message.seq)) return false;
    const own = message.client_id ? this.byClientId.get(message.client_id) : undefined;
    if (own) {
      this.confirm({ ...message, seq: message.seq });
      return false;
    }
    const row = this.#build(message);
    this.#number(row, message.seq);
    if (message.sender === "customer") this.#mark(row, "sent");
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

  confirm({ client_id: clientId, seq, at }) {
    const row = this.byClientId.get(clientId);
    if (!row || this.bySeq.has(seq)) return;
    row.classList.remove("pending", "failed");
    row.dataset.at = at;
    row.querySelector("time").textContent = clock(at);
    this.#number(row, seq);
    this.#mark(row, "sent");
    this.#offerButtons();
  }

  fail({ client_id: clientId, error, isRetrying = false }) {
    const row = this.byClientId.get(clientId);
    if (!row) return;
    row.classList.toggle("pending", isRetrying);
    row.classList.toggle("failed", !isRetrying);
    this.#mark(row, isRetrying ? "waiting_slow" : "failed", isRetrying ? "" : error);
    if (isRetrying) return;
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
    new ResizeObserver(() => wasNearEnd && this.toEnd()).observe(this.scroller);
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  #build({ sender, text, at, agent_name: agentName, buttons }) {
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
    line.append(avatar, make("div", "who", name), make("div", "bubble", text), meta);
    row.append(line);
    row.classList.toggle("news", sender === "system" && TICKET.test(text));
    row.buttons = buttons ?? [];
    return row;
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

  #mark(row, state, detail = "") {
    const place = row.querySelector(".state");
    place.textContent = detail ? `${say(state)}：${detail}` : say(state);
    for (const button of row.querySelectorAll(".meta button")) button.remove();
  }

  /** Quick replies belong to the newest message only; a survey's stars stay until they are used. */
  #offerButtons() {
    const newest = this.log.lastElementChild;
    const rows = [...this.log.children].filter((row) => row.buttons?.length && !row.classList.contains("customer"));
    const offering = new Set([rows.findLast((row) => isSurvey(row.buttons)), rows.includes(newest) && newest]);
    for (const old of this.log.querySelectorAll(".quick")) if (!offering.has(old.parentElement)) old.remove();
    for (const row of offering) if (row && !row.querySelector(".quick")) row.append(this.#buttonsOf(row));
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
