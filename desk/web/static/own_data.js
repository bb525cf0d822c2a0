// The customer's own data: see it, take it home, take the consent back, have it deleted. What the
// desk says of it comes in words; nothing of it is kept in the page.

import { control, field, value } from "./sheets.js";
import { make, makeButton, ofCompany, say } from "./texts.js";

const FILE = "kefu-data.json";

export class OwnData {
  constructor({ sheet, store, conversation }) {
    Object.assign(this, { sheet, store, conversation });
    sheet.addEventListener("close", () => (this.proof = {}));
  }

  /** What goes with each request: phone and code once they were shown to be the customer's. */
  proof = {};

  async show() {
    const told = this.#draw(say("mine_intro"));
    told.replaceChildren(make("p", "", say("mine_loading")));
    const found = await this.#ask("", told);
    if (!found) return;
    const parts = found.sections.flatMap(({ title, lines }) => [make("h3", "", title), list(lines)]);
    told.replaceChildren(...parts, ...this.#elsewhere(found.can_check_phone), this.#buttons(found.has_consent));
  }

  #buttons(hasConsent) {
    const buttons = make("div", "sheet-buttons mine");
    buttons.append(makeButton("button quiet", say("mine_export"), () => this.#export()));
    if (hasConsent) buttons.append(makeButton("button quiet", say("mine_withdraw"), () => this.#sure("withdraw", "/withdrawal")));
    buttons.append(
      makeButton("button quiet", say("mine_erase"), () => this.#sure("erase", "/erasure")),
      makeButton("button primary", say("sheet_close"), () => this.sheet.close()),
    );
    return buttons;
  }

  /** What is under the same phone: by a code, or by calling where no text messages go out. */
  #elsewhere(canCheck) {
    if (this.proof.phone) return [];
    if (!canCheck) return [make("p", "hint", say("mine_elsewhere_call", { phone: ofCompany("phone") }))];
    const more = make("details");
    const phone = field("input", "mine_phone", { maxLength: 20, inputMode: "tel", autocomplete: "tel" });
    const code = field("input", "mine_code", { maxLength: 6, inputMode: "numeric", autocomplete: "one-time-code" });
    const told = status();
    const send = makeButton("button quiet", say("mine_code_send"), async () => {
      const answer = await this.#ask("/code", told, { phone: value(phone) });
      if (!answer) return;
      told.replaceChildren(make("p", "good", say(answer.is_sent ? "mine_code_sent" : "mine_code_wait")));
      control(code).focus();
    });
    const check = makeButton("button primary", say("mine_code_check"), async () => {
      const proof = { phone: value(phone), code: value(code) };
      if (!(await this.#ask("", told, proof))) return;
      this.proof = proof;
      this.show();
    });
    const buttons = make("div", "sheet-buttons");
    buttons.append(send, check);
    more.append(make("summary", "", say("mine_elsewhere")), phone, code, told, buttons);
    return [more];
  }

  async #export() {
    const told = status();
    this.sheet.append(told);
    const found = await this.#ask("/export", told);
    if (!found) return;
    const link = make("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(found, null, 1)], { type: "application/json" }));
    link.download = FILE;
    link.click();
    URL.revokeObjectURL(link.href);
    told.replaceChildren(make("p", "good", say("mine_exported")));
  }

  /** Say what follows, then do it. */
  #sure(name, path) {
    const told = this.#draw(say(`mine_${name}_means`));
    const buttons = make("div", "sheet-buttons");
    const go = makeButton("button primary", say(`mine_${name}`), async () => {
      go.disabled = true;
      const done = await this.#ask(path, told);
      go.disabled = false;
      if (!done) return;
      buttons.replaceChildren(makeButton("button primary", say("sheet_close"), () => this.sheet.close()));
      told.replaceChildren(make("p", "good", done.text));
      // A conversation that was deleted opens no more: the page begins a new one.
      if (path === "/erasure") this.conversation.link.abandon();
    });
    buttons.append(makeButton("button quiet", say("mine_back"), () => this.show()), go);
    this.sheet.append(buttons);
  }

  #draw(intro) {
    const heading = make("h2", "", say("mine_title"));
    heading.id = "sheet-title";
    const told = status();
    this.sheet.replaceChildren(heading, make("p", "", intro), told);
    if (!this.sheet.open) this.sheet.showModal();
    return told;
  }

  /** The answer, or null after showing in `told` why there is none. */
  async #ask(path, told, body = this.proof) {
    let answer = null;
    try {
      const response = await fetch(`/chat/own-data${path}`, {
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${this.store.get("token") ?? ""}` },
        body: JSON.stringify(body),
      });
      answer = await response.json();
      if (response.ok) return answer;
    } catch {
      // Said below.
    }
    told.replaceChildren(make("p", "problem", answer?.error?.text ?? say("mine_failed")));
    return null;
  }
}

function list(lines) {
  const items = make("ul");
  items.append(...lines.map((line) => make("li", "", line)));
  return items;
}

function status() {
  const place = make("div", "result");
  place.setAttribute("role", "status");
  return place;
}
