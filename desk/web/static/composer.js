// The input: grows with the text, counts near the limit, Enter sends, Shift+Enter breaks the line,
// and Enter that ends an input method's composition does neither. The draft survives a reload.

import { say } from "./texts.js";

const LIMIT = 4000;
const COUNT_FROM = 3600;

/** Length in characters as people and the server count them (code points). */
const length = (text) => Array.from(text).length;

export class Composer extends EventTarget {
  constructor({ form, input, button, counter, store }) {
    super();
    Object.assign(this, { form, input, button, counter, store });
    this.isComposing = false;
    this.input.value = store.get("draft") ?? "";
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    input.addEventListener("input", () => this.#changed());
    input.addEventListener("compositionstart", () => (this.isComposing = true));
    // Safari sends the Enter that ends a composition after `compositionend`, with keyCode 229.
    input.addEventListener("compositionend", () => (this.isComposing = false));
    input.addEventListener("keydown", (event) => this.#key(event));
    // A touch on the button would take the focus and fold the phone's keyboard.
    button.addEventListener("pointerdown", (event) => event.preventDefault());
    this.#fit();
  }

  get isOver() {
    return length(this.input.value) > LIMIT;
  }

  focus() {
    this.input.focus();
  }

  /** Put a text in for the customer to send or change. */
  fill(text) {
    this.input.value = text;
    this.#changed();
    this.focus();
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey) return;
    if (event.isComposing || this.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    const text = this.input.value.trim();
    if (!text || this.isOver) return;
    this.input.value = "";
    this.#changed();
    this.dispatchEvent(new CustomEvent("send", { detail: text }));
    this.focus();
  }

  #changed() {
    this.store.set("draft", this.input.value);
    this.#fit();
    this.dispatchEvent(new CustomEvent("typing", { detail: this.input.value !== "" }));
  }

  #fit() {
    const { input, counter, button } = this;
    input.style.height = "auto";
    input.style.height = `${input.scrollHeight + 2}px`;
    const count = length(input.value);
    counter.hidden = count < COUNT_FROM;
    counter.classList.toggle("over", count > LIMIT);
    input.setAttribute("aria-invalid", String(count > LIMIT));
    if (!counter.hidden) {
      counter.textContent = count > LIMIT ? say("counter_over", { n: count - LIMIT }) : say("counter", { n: LIMIT - count });
    }
    button.disabled = !input.value.trim() || count > LIMIT;
  }
}
