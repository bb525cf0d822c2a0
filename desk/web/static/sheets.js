// The sheet over the page: leave word, go on elsewhere, come back by a link. One at a time.

import { has, make, makeButton, ofCompany, say } from "./texts.js";

export class Sheets {
  constructor({ sheet, conversation }) {
    this.sheet = sheet;
    this.conversation = conversation;
    conversation.addEventListener("given", ({ detail }) => this.#given(detail));
    conversation.addEventListener("notice", ({ detail }) => sheet.open && this.#answer?.(detail.text));
  }

  #answer = null;

  /** A form for words and an address; `opens` says when people are back, null while they are here. */
  leaveWord(opens) {
    const text = field("textarea", "word_text", { rows: 4, maxLength: 2000, required: true });
    const name = field("input", "word_name", { maxLength: 40, autocomplete: "name" });
    const contact = field("input", "word_contact", { maxLength: 100, autocomplete: "tel" });
    const consent = make("label", "check");
    const box = make("input");
    box.type = "checkbox";
    consent.append(box, make("span", "", say("word_consent")));
    const problem = make("p", "problem");
    problem.setAttribute("role", "alert");
    const form = this.#form(say("word_send"), () => {
      const fields = { text: value(text), name: value(name), contact: value(contact), has_consent: box.checked };
      if (!fields.text) return tell(problem, say("word_empty"), control(text));
      if ((fields.name || fields.contact) && !box.checked) return tell(problem, say("word_no_consent"), box);
      this.conversation.leaveWord(fields);
      return this.sheet.close();
    });
    form.prepend(text, name, contact, consent, problem);
    const intro = opens ? say("word_closed", { opens }) : say("word_open");
    this.#show(say("word_title"), make("p", "", intro), form);
    control(text).focus();
  }

  /** A link to go on elsewhere: copied, or sent where this desk can send. */
  elsewhere() {
    const result = make("div", "result");
    result.setAttribute("role", "status");
    this.#answer = (text) => result.replaceChildren(make("p", "problem", text));
    const parts = [make("p", "", say("link_intro")), makeButton("button quiet", say("link_make"), () => this.#ask(null))];
    if (has("email") || has("sms")) {
      const both = has("email") && has("sms");
      const to = field("input", both ? "link_to" : has("email") ? "link_to_email" : "link_to_phone", { maxLength: 100 });
      const form = this.#form(say("link_send"), () => value(to) && this.#ask(value(to)));
      form.prepend(to);
      parts.push(form);
    } else {
      parts.push(this.#closing());
    }
    this.result = result;
    this.#show(say("link_title"), ...parts.slice(0, 2), result, ...parts.slice(2));
  }

  /** Ask before a link is used up: mail programs open links to look at them. */
  comeBack(go) {
    let isWanted = false;
    const form = this.#form(say("back_go"), () => {
      isWanted = true;
      this.sheet.close();
    });
    this.sheet.addEventListener("close", () => go(isWanted), { once: true });
    this.#show(say("back_title"), make("p", "", say("back_intro")), form);
  }

  /** A link that opens nothing any more. */
  over(text) {
    const phone = ofCompany("phone");
    this.#show(say("back_over_title"), make("p", "", text), make("p", "", say("back_over", { phone })), this.#closing());
  }

  #ask(to) {
    if (!this.conversation.askForLink(to)) this.#answer(say("link_offline"));
  }

  #given({ url, sent_to: sentTo, hours }) {
    if (!this.result?.isConnected) return;
    if (sentTo) {
      this.result.replaceChildren(make("p", "good", say("link_sent", { to: sentTo, hours })));
      return;
    }
    const shown = field("input", "link_yours", { readOnly: true, value: url });
    const done = make("p", "good", say("link_note", { hours }));
    const copy = makeButton("button primary", say("link_copy"), async () => {
      control(shown).select();
      try {
        await navigator.clipboard.writeText(url);
        done.textContent = say("link_copied", { hours });
      } catch {
        done.textContent = say("link_copy_by_hand");
      }
    });
    this.result.replaceChildren(shown, copy, done);
    copy.focus();
  }

  #form(action, submit) {
    const form = make("form", "sheet-form");
    form.noValidate = true;
    const buttons = make("div", "sheet-buttons");
    const send = make("button", "button primary", action);
    send.type = "submit";
    buttons.append(makeButton("button quiet cancel", say("sheet_cancel"), () => this.sheet.close()), send);
    form.append(buttons);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submit();
    });
    return form;
  }

  #closing() {
    const buttons = make("div", "sheet-buttons");
    buttons.append(makeButton("button primary", say("sheet_close"), () => this.sheet.close()));
    return buttons;
  }

  #show(title, ...parts) {
    const heading = make("h2", "", title);
    heading.id = "sheet-title";
    this.sheet.replaceChildren(heading, ...parts);
    if (!this.sheet.open) this.sheet.showModal();
  }
}

export function field(tag, key, attributes) {
  const label = make("label", "sheet-field");
  const element = Object.assign(make(tag), attributes);
  label.append(make("span", "", say(key)), element);
  return label;
}

export const control = (label) => label.lastChild;
export const value = (label) => control(label).value.trim();

function tell(place, text, focused) {
  place.textContent = text;
  focused.focus();
}
