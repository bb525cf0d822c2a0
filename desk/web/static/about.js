// What stands beside the chat on a wide screen, and the note on personal data.

import { list, make, ofCompany, say } from "./texts.js";

export function showAbout(place, choose) {
  const examples = make("section");
  const items = make("ul");
  items.append(...list("about_examples").map((text) => example(text, choose)));
  examples.append(make("h2", "", say("about_help")), items);
  place.append(make("p", "motto", say("motto")), examples, contact());
}

function example(text, choose) {
  const item = make("li");
  const button = make("button", "", text);
  button.type = "button";
  button.addEventListener("click", () => choose(text));
  item.append(button);
  return item;
}

function contact() {
  const section = make("section");
  const facts = make("dl");
  for (const name of ["phone", "office_hours", "address"]) {
    if (ofCompany(name)) facts.append(make("dt", "", say(`about_${name}`)), make("dd", "", ofCompany(name)));
  }
  if (facts.childElementCount) section.append(make("h2", "", say("about_contact")), facts);
  return section;
}

export function setUpPrivacy($) {
  const dialog = $("privacy-dialog");
  $("privacy").textContent = say("privacy");
  $("privacy-title").textContent = say("privacy_title");
  $("privacy-close").textContent = say("privacy_close");
  $("privacy-body").append(...[ofCompany("privacy_notice"), ...list("privacy_body")].map((text) => make("p", "", text)));
  $("privacy").addEventListener("click", () => dialog.showModal());
}
