// What can be tapped below a message: quick replies, the five stars of a survey, a few words more.

import { make, say } from "./texts.js";

const SURVEY = /^\/answer_survey\{.*"score": ?(\d)/;
const COMMENT_LIMIT = 1000;

const scoreOf = ({ payload }) => Number(SURVEY.exec(payload ?? "")?.[1] ?? 0);

export const isSurvey = (buttons) => buttons.length > 0 && buttons.every((button) => scoreOf(button) > 0);

/** The element for a message's buttons; `choose` gets `{title, payload}` of the one tapped. */
export function offer(buttons, choose) {
  return isSurvey(buttons) ? stars(buttons, choose) : quickReplies(buttons, choose);
}

function quickReplies(buttons, choose) {
  const box = make("div", "quick");
  for (const { title, payload, input } of buttons) {
    const button = tappable("", title);
    button.addEventListener("click", () => {
      if (input) box.replaceChildren(words(title, (text) => choose({ title: text, payload })));
      else choose({ title, payload });
    });
    box.append(button);
  }
  return box;
}

/** One star to five, from left to right, each with its word. */
function stars(buttons, choose) {
  const box = make("div", "quick survey");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", say("survey_label"));
  for (const { title, payload } of [...buttons].sort((one, other) => scoreOf(one) - scoreOf(other))) {
    const button = tappable("star", title);
    button.setAttribute("aria-label", say("survey_star", { n: scoreOf({ payload }), title }));
    button.addEventListener("click", () => choose({ title, payload }));
    box.append(button);
  }
  return box;
}

/** A field for a few words in place of the button that asked for them. */
function words(title, send) {
  const form = make("form", "words");
  const field = make("textarea");
  field.rows = 3;
  field.maxLength = COMMENT_LIMIT;
  field.setAttribute("aria-label", title);
  const button = make("button", "button primary", say("survey_send"));
  button.type = "submit";
  form.append(field, button);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.value.trim()) send(field.value.trim());
    else field.focus();
  });
  queueMicrotask(() => field.focus());
  return form;
}

function tappable(className, title) {
  const button = make("button", className, title);
  button.type = "button";
  return button;
}
