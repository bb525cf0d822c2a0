// What a message shows as a form or a list: the summary to confirm, the consent, a ticket's progress.
// The server's `cards.py` says which fields each kind has. Everything goes in as text.

import { make, makeButton, say } from "./texts.js";

const builders = { summary, consent, progress };
const EDIT = /"button": ?"edit"/;
let ids = 0;

/** The element for a card, or null for a kind this page does not know. `choose` gets what its own
    buttons send, `showMine` opens the customer's own data. */
export function build(card, choose, showMine) {
  const builder = builders[card?.kind];
  if (!builder) return null;
  const box = make("section", `card ${card.kind}`);
  const title = make("h2", "", card.title);
  title.id = `card-${(ids += 1)}`;
  box.setAttribute("aria-labelledby", title.id);
  box.append(title, ...builder(card, choose, showMine));
  return box;
}

/** Whether a card has buttons of its own. */
export const hasButtons = (card) => card?.kind === "summary";

/** The message's buttons that a card leaves to ask: it has one to change each part. */
export const beside = (card, buttons) => (hasButtons(card) ? buttons.filter(({ payload }) => !EDIT.test(payload)) : buttons);

/** What of a message's text stays beside its card: the card says the rest. */
export function remainder(card, text) {
  if (card.kind === "consent") return "";
  return card.kind === "summary" ? text.split("\n", 1)[0] : text;
}

function summary({ fields }, choose) {
  const list = make("dl");
  for (const { label, value, edit } of fields) {
    const row = make("div");
    const told = make("dd", "", value);
    row.append(make("dt", "", label), told);
    if (edit) {
      const button = makeButton("link edit", say("card_edit"), () => choose({ title: say("card_edit_message", { label }), payload: edit }));
      button.setAttribute("aria-label", say("card_edit_label", { label }));
      told.append(button);
    }
    list.append(row);
  }
  return [list];
}

function consent({ notice, points, version }, _choose, showMine) {
  const list = make("ul");
  list.append(...points.map((point) => make("li", "", point)));
  const own = make("p", "own", say("card_mine"));
  own.append(makeButton("link", say("mine"), showMine));
  return [make("p", "", notice), list, own, make("p", "version", say("card_version", { version }))];
}

function progress({ number, state, state_text: words, department, due, steps }) {
  const facts = make("dl");
  const fact = (label, value, className) => {
    const row = make("div");
    row.append(make("dt", "", label), make("dd", className, value));
    facts.append(row);
  };
  fact(say("card_number"), number, "number");
  fact(say("card_state"), words, `state-word ${state}`);
  fact(say("card_department"), department);
  if (due) fact(say("card_due"), due);
  const list = make("ol");
  list.setAttribute("aria-label", say("card_steps"));
  for (const { at, text } of steps) {
    const item = make("li");
    item.append(make("span", "step-at", at), make("span", "", text));
    list.append(item);
  }
  return [facts, list];
}
