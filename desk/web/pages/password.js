// Password fields: a button that shows what was typed, and for a new password how good it is, as
// the desk judges it. Without this script the forms work as well.
"use strict";
{
  const WAIT_MS = 350;
  const texts = document.currentScript.dataset;

  const addButton = (input) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "show";
    const say = () => {
      const isShown = input.type === "text";
      button.textContent = isShown ? texts.hide : texts.show;
      button.setAttribute("aria-pressed", String(isShown));
    };
    button.setAttribute("aria-controls", input.id);
    button.addEventListener("click", () => {
      input.type = input.type === "password" ? "text" : "password";
      say();
      input.focus();
    });
    const box = document.createElement("span");
    box.className = "password";
    // Moving the field takes the focus from it.
    const isFocused = input.autofocus || document.activeElement === input;
    input.replaceWith(box);
    box.append(input, button);
    if (isFocused) input.focus();
    say();
    // What is shown must not stay behind in the browser's memory of forms.
    input.form.addEventListener("submit", () => { input.type = "password"; });
  };

  const addMeter = (input) => {
    const meter = document.createElement("meter");
    Object.assign(meter, { min: 0, max: 4, low: 2, high: 3, optimum: 4, value: 0 });
    meter.setAttribute("aria-hidden", "true");
    const words = document.createElement("p");
    words.className = "strength";
    words.setAttribute("role", "status");
    words.hidden = meter.hidden = true;
    input.parentElement.after(meter, words);
    let timer = 0;
    let asked = 0;
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const turn = ++asked;
        if (!input.value) { words.hidden = meter.hidden = true; return; }
        try {
          const body = new URLSearchParams({ fresh: input.value });
          const answer = await fetch("/desk/account/strength", { method: "POST", body });
          if (!answer.ok || turn !== asked) return;
          const found = await answer.json();
          meter.value = found.score;
          words.textContent = found.text;
          words.dataset.good = String(found.is_allowed);
          words.hidden = meter.hidden = false;
        } catch { /* The desk judges again when the form is sent. */ }
      }, WAIT_MS);
    });
  };

  for (const input of document.querySelectorAll("input[type=password]")) {
    addButton(input);
    if (input.autocomplete === "new-password" && input.name === "fresh") addMeter(input);
  }
}
