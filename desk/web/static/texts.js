// The page's words come from the server, so that they stand in one place.

let words = {};
let company = {};
let channels = {};

/** The page's script, zh-Hans or zh-Hant; the server wrote it into the page. */
export const script = () => document.documentElement.lang;

export async function loadTexts() {
  const response = await fetch(`/chat/texts.json?lang=${script()}`);
  if (!response.ok) throw new Error(`texts: ${response.status}`);
  ({ texts: words, company, channels } = await response.json());
}

/** Whether the desk can send e-mail or text messages: `has("email")`. */
export const has = (channel) => channels[channel] === true;

export const ofCompany = (name) => company[name] ?? "";
export const list = (key) => words[key] ?? [];

/** The text of a key with `{name}` filled in. */
export function say(key, values = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** A button that submits nothing. */
export function makeButton(className, text, press) {
  const button = make("button", className, text);
  button.type = "button";
  button.addEventListener("click", press);
  return button;
}

/** An element with a class and a text; the text goes in as text. */
export function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

export function clock(instant) {
  const time = new Date(instant);
  return `${String(time.getHours()).padStart(2, "0")}:${String(time.getMinutes()).padStart(2, "0")}`;
}

/** 今天, 昨天 or the date, as a heading between messages. */
export function day(instant) {
  const date = new Date(instant);
  const midnight = new Date().setHours(0, 0, 0, 0);
  const days = Math.round((midnight - new Date(date).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return say("today");
  if (days === 1) return say("yesterday");
  const values = { year: date.getFullYear(), month: date.getMonth() + 1, day: date.getDate(), weekday: list("weekdays")[date.getDay()] };
  return say(values.year === new Date().getFullYear() ? "date" : "date_with_year", values);
}
