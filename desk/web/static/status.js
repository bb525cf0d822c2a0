// Who answers, how the connection is, and what the page has to say about it.

import { say } from "./texts.js";

const NOTICE_MS = 6_000;
// A short loss is mended before anybody needs to read about it.
const PATIENCE_MS = 1_500;

export class Status {
  constructor({ text, dot, human, input }) {
    Object.assign(this, { text, dot, human, input });
    this.banner = document.getElementById("banner");
    this.bannerText = document.getElementById("banner-text");
    this.bannerButton = document.getElementById("banner-button");
    this.bannerButton.textContent = say("banner_retry");
    this.present = null;
    this.isOpen = false;
  }

  mode(frame) {
    this.present = { mode: frame.mode, agent: frame.agent_name, position: frame.queue_position, opens: frame.opens, minutes: frame.wait_minutes };
    this.#draw();
  }

  link({ state, seconds }) {
    this.isOpen = state === "open";
    clearInterval(this.countdown);
    this.trouble = this.isOpen ? null : () => this.#tellTrouble(state, seconds);
    if (this.isOpen) {
      clearTimeout(this.patience);
      this.patience = null;
      this.banner.hidden = true;
    } else if (this.banner.hidden) {
      this.patience ??= setTimeout(() => this.trouble?.(), PATIENCE_MS);
    } else {
      this.trouble();
    }
    this.#draw();
  }

  /** When people are back, in words; null while they are here. */
  get opens() {
    return this.present?.opens ?? null;
  }

  notice(text) {
    this.#show(text, false);
    clearTimeout(this.noticeEnd);
    this.noticeEnd = setTimeout(() => this.isOpen && (this.banner.hidden = true), NOTICE_MS);
  }

  storage(isLasting) {
    if (!isLasting) this.notice(say("banner_storage"));
  }

  typing(sender) {
    return sender === "agent" ? say("typing_agent", { name: this.present?.agent || say("agent_name") }) : say("typing_bot");
  }

  #tellTrouble(state, seconds) {
    if (state !== "waiting") return this.#show(say("banner_reconnecting"), false);
    const until = Date.now() + seconds * 1000;
    const tick = () => {
      const left = Math.max(1, Math.ceil((until - Date.now()) / 1000));
      this.#show(say("banner_offline", { seconds: left }), true);
    };
    clearInterval(this.countdown);
    this.countdown = setInterval(tick, 1000);
    return tick();
  }

  #show(text, hasButton) {
    this.bannerText.textContent = text;
    this.bannerButton.hidden = !hasButton;
    this.banner.hidden = false;
  }

  #draw() {
    const mode = this.isOpen ? this.present?.mode : undefined;
    this.dot.className = `dot ${mode ?? ""}`;
    this.text.textContent = this.#words(mode);
    this.text.title = this.text.textContent;
    this.human.disabled = mode !== "bot" && mode !== "closed";
    this.human.hidden = mode === "queued" || mode === "agent";
    this.input.placeholder = say(mode === "closed" ? "placeholder_closed" : "placeholder");
  }

  #words(mode) {
    if (!mode) return say(this.isOpen || !this.present ? "status_connecting" : "status_offline");
    if (mode === "queued" && this.opens) return say("status_queued_closed", { opens: this.opens });
    if (mode === "agent") return say("status_agent", { name: this.present.agent ?? "" });
    if (mode !== "queued" || this.present.position === null) return say(`status_${mode}`);
    const ahead = this.present.position - 1;
    const minutes = this.present.minutes;
    if (ahead > 0 && minutes) return say("status_queued_about", { n: ahead, minutes });
    return ahead > 0 ? say("status_queued_at", { n: ahead }) : say("status_queued_next");
  }
}
