/* The workbench in the browser: keys, marks under the reply, what is not yet kept, clocks, sounds.
   Words come from the locale through `kefuDesk.begin`. */
window.kefuDesk = (() => {
  "use strict";
  let texts = {};
  let owner = "";
  let conversation = "";
  let marks = [];
  let checked = "";
  const SLOT = /【请填写：[^】]*】/g;
  const NEAR_TOP_PX = 240;
  const MUTED = "kefu-muted";

  const byKey = (key) =>
    [...document.querySelectorAll("[data-shortcut]")].find(
      (one) => one.dataset.shortcut === key && !one.disabled && one.getClientRects().length,
    );
  const reply = () => {
    const input = document.querySelector(".k-reply-box textarea");
    return input && input.getClientRects().length ? input : null;
  };
  const isTyping = (place) => !!place.closest?.("input, textarea, select, [contenteditable=true]");
  const hasDialog = () => !!document.querySelector(".q-dialog:not(.q-dialog--hidden) .q-dialog__inner");

  /* Keys */
  function nameOf(event) {
    const parts = [];
    if (event.ctrlKey || event.metaKey) parts.push("Ctrl");
    if (event.altKey) parts.push("Alt");
    const code = event.code || "";
    if (event.altKey && /^Key[A-Z]$/.test(code)) parts.push(code.slice(3));
    else if (event.altKey && /^Digit\d$/.test(code)) parts.push(code.slice(5));
    else parts.push(event.key.length === 1 ? event.key.toUpperCase() : event.key);
    return parts.join("+");
  }

  function move(step) {
    const entries = [...document.querySelectorAll(".k-lists [data-conversation]")].filter(
      (one) => one.getClientRects().length,
    );
    if (!entries.length) return;
    const now = entries.findIndex((one) => one.getAttribute("aria-current") === "true");
    const next = now < 0 ? (step > 0 ? 0 : entries.length - 1) : now + step;
    const target = entries[(next + entries.length) % entries.length];
    target.click();
    target.scrollIntoView({ block: "nearest" });
  }

  function opensScripts(event) {
    const input = reply();
    if (!["/", "／"].includes(event.key) || event.ctrlKey || event.metaKey || event.isComposing) return false;
    if (event.altKey) return true;
    if (event.target !== input) return !isTyping(event.target);
    const before = input.value.slice(0, input.selectionStart);
    return before === "" || before.endsWith("\n");
  }

  function press(event, target) {
    if (!target) return;
    event.preventDefault();
    event.stopPropagation();
    if (target.matches("input, textarea")) target.focus();
    else target.click();
  }

  function pressed(event) {
    if (event.isComposing || event.keyCode === 229 || !document.querySelector(".k-desk")) return;
    if (event.target === reply() && event.key === "Tab" && nextSlot(event)) return;
    if (hasDialog()) return;
    if (event.key === "Escape") return closeFix();
    if (opensScripts(event)) return press(event, byKey("/"));
    if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      return move(event.key === "ArrowDown" ? 1 : -1);
    }
    if (event.altKey && event.key === "Enter") return adoptHere(event);
    if (!event.altKey && !event.ctrlKey && !event.metaKey && isTyping(event.target)) return;
    const key = nameOf(event);
    if (key.startsWith("Ctrl")) return;
    if (key === "Alt+R") {
      event.preventDefault();
      return reply()?.focus();
    }
    if (key === "J" || key === "K") return move(key === "J" ? 1 : -1);
    if (key === "Alt+U") {
      event.preventDefault();
      return document.querySelector(".k-unread-line")?.scrollIntoView({ block: "start" });
    }
    press(event, byKey(event.key === "？" ? "?" : key));
  }

  /* Places still to be filled in */
  function nextSlot(event) {
    const input = event.target;
    const slots = [...input.value.matchAll(SLOT)];
    if (!slots.length) return false;
    event.preventDefault();
    event.stopPropagation();
    const here = event.shiftKey ? input.selectionStart : input.selectionEnd;
    const slot = event.shiftKey
      ? slots.filter((one) => one.index + one[0].length <= here).pop() || slots[slots.length - 1]
      : slots.find((one) => one.index >= here) || slots[0];
    input.setSelectionRange(slot.index, slot.index + slot[0].length);
    return true;
  }

  // What the desk has just shown may not be drawn yet.
  const later = (work) => (...values) => setTimeout(() => work(...values), 0);

  function focus() {
    const input = reply();
    if (!input) return;
    input.focus();
    const slot = input.value.match(/【请填写：[^】]*】/);
    const start = slot ? slot.index : input.value.length;
    input.setSelectionRange(start, slot ? start + slot[0].length : start);
  }

  /* Marks under the words, in a copy of the text that lies behind it */
  function mirror(input) {
    let place = input.parentElement.querySelector(".k-mirror");
    if (!place) {
      place = document.createElement("div");
      place.className = "k-mirror";
      place.setAttribute("aria-hidden", "true");
      place.append(document.createElement("div"));
      input.parentElement.append(place);
      input.addEventListener("scroll", () => fit(input, place));
      new ResizeObserver(() => fit(input, place)).observe(input);
    }
    return place;
  }

  function fit(input, place) {
    const style = getComputedStyle(input);
    const inner = place.firstElementChild;
    for (const name of ["font", "letterSpacing", "lineHeight", "padding", "textIndent", "wordBreak"]) {
      inner.style[name] = style[name];
    }
    place.style.left = `${input.offsetLeft}px`;
    place.style.top = `${input.offsetTop}px`;
    place.style.width = `${input.clientWidth}px`;
    place.style.height = `${input.clientHeight}px`;
    inner.style.transform = `translateY(${-input.scrollTop}px)`;
  }

  function draw() {
    const input = reply();
    if (!input) return;
    const place = mirror(input);
    const inner = place.firstElementChild;
    inner.textContent = "";
    let position = 0;
    for (const mark of marks) {
      if (mark.start < position) continue;
      inner.append(input.value.slice(position, mark.start));
      const word = document.createElement("span");
      word.className = `k-wavy k-${mark.severity}`;
      word.textContent = input.value.slice(mark.start, mark.end);
      inner.append(word);
      mark.place = word;
      position = mark.end;
    }
    inner.append(`${input.value.slice(position)}\n`);
    fit(input, place);
  }

  /* `found`: start and end in code points of `text`, severity, index of the finding. */
  function mark(text, found) {
    const input = reply();
    if (!input) return;
    const units = [0];
    for (const char of text) units.push(units[units.length - 1] + char.length);
    checked = text;
    marks = found.map((one) => ({ ...one, start: units[one.start], end: units[one.end] }));
    shift(input.value);
    draw();
  }

  /* What was marked stays marked while the text around it changes. */
  function shift(value) {
    if (value === checked) return;
    let head = 0;
    const short = Math.min(value.length, checked.length);
    while (head < short && value[head] === checked[head]) head += 1;
    let tail = 0;
    while (tail < short - head && value.at(-1 - tail) === checked.at(-1 - tail)) tail += 1;
    const by = value.length - checked.length;
    marks = marks
      .filter((one) => one.end <= head || one.start >= checked.length - tail)
      .map((one) =>
        one.end <= head ? one : { ...one, start: one.start + by, end: one.end + by },
      );
    checked = value;
  }

  const finding = (index) => document.querySelectorAll(`[data-adopt="${index}"]`);
  const markAt = (place) => marks.find((one) => one.start <= place && place <= one.end);

  function adoptHere(event) {
    const input = reply();
    const here = input && (markAt(input.selectionStart) || marks[0]);
    press(event, here && finding(here.index)[0]);
    closeFix();
  }

  function closeFix() {
    document.querySelector(".k-fix")?.remove();
  }

  function offerFix() {
    closeFix();
    const input = reply();
    const here = input && markAt(input.selectionStart);
    if (!here?.place) return;
    const buttons = [...finding(here.index)];
    const card = document.createElement("div");
    card.className = "k-fix";
    card.setAttribute("role", "group");
    card.setAttribute("aria-label", texts.better);
    const why = document.createElement("div");
    why.className = "k-fix-why";
    why.textContent = here.reason;
    card.append(why);
    for (const one of buttons) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = one.dataset.wording;
      button.addEventListener("click", () => {
        one.click();
        closeFix();
      });
      card.append(button);
    }
    document.body.append(card);
    const spot = here.place.getBoundingClientRect();
    const left = Math.min(spot.left, window.innerWidth - card.offsetWidth - 12);
    card.style.left = `${Math.max(12, left)}px`;
    card.style.top = `${Math.max(12, spot.top - card.offsetHeight - 8)}px`;
  }

  /* What the desk has not yet kept stays in this tab, through a lost connection or a login */
  const slotOf = (id) => `kefu-reply:${owner}:${id}`;

  function typed(input) {
    shift(input.value);
    draw();
    closeFix();
    if (conversation) sessionStorage.setItem(slotOf(conversation), input.value);
  }

  const forget = (id) => sessionStorage.removeItem(slotOf(id));

  function kept(id, text) {
    if (sessionStorage.getItem(slotOf(id)) === text) forget(id);
  }

  function shown(id, text) {
    conversation = id;
    marks = [];
    const left = sessionStorage.getItem(slotOf(id));
    forget(id);
    const input = reply();
    if (!input || left === null || left === text || !left.trim()) return draw();
    // Not the same value at once: the page would take it for no change, and not tell the desk.
    setValue(input, `${left} `);
    setTimeout(() => setValue(input, left), 0);
    Quasar.Notify.create({ message: texts.restored, type: "info", position: "bottom-left" });
  }

  function setValue(input, value) {
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /* Clocks */
  function tick() {
    const now = Date.now();
    for (const one of document.querySelectorAll("[data-since]")) {
      const s = Math.max(0, Math.floor((now - Date.parse(one.dataset.since)) / 1000));
      const two = (n) => String(n).padStart(2, "0");
      const hours = Math.floor(s / 3600);
      const clock = `${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
      const text = hours ? `${hours}:${clock}` : clock;
      if (one.textContent !== text) one.textContent = text;
      one.classList.toggle("k-waiting-long", s > 180 && s <= 600);
      one.classList.toggle("k-waiting-too-long", s > 600);
    }
  }

  /* Sound and notices of the system; nothing of what customers write */
  let sounds;
  function beep() {
    sounds = sounds || new AudioContext();
    const tone = sounds.createOscillator();
    const volume = sounds.createGain();
    tone.frequency.value = 740;
    volume.gain.setValueAtTime(0.0001, sounds.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.15, sounds.currentTime + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, sounds.currentTime + 0.35);
    tone.connect(volume).connect(sounds.destination);
    tone.start();
    tone.stop(sounds.currentTime + 0.4);
  }

  const isMuted = () => localStorage.getItem(MUTED) === "yes";
  const mayNotify = () => "Notification" in window && Notification.permission === "granted";

  function alert(title, body, tag) {
    if (isMuted()) return;
    beep();
    if (document.hasFocus() || !mayNotify()) return;
    const notice = new Notification(title, { body, tag, icon: "/chat/assets/mark.svg" });
    notice.onclick = () => {
      window.focus();
      document.querySelector(`.k-lists [data-conversation="${tag}"]`)?.click();
      notice.close();
    };
  }

  function showSound() {
    const button = document.querySelector(".k-sound");
    if (!button) return;
    const state = isMuted() ? "muted" : mayNotify() || !("Notification" in window) ? "on" : "ask";
    button.textContent = texts[`sound_${state}`];
    button.setAttribute("aria-pressed", String(state === "on"));
  }

  /* The first press asks the browser for leave; later ones switch sound and notices off and on. */
  async function soundPressed() {
    const mayAsk = "Notification" in window && Notification.permission === "default";
    if (mayAsk && !isMuted()) await Notification.requestPermission();
    else localStorage.setItem(MUTED, isMuted() ? "no" : "yes");
    if (!isMuted()) beep();
    showSound();
  }

  /* Older messages come while one scrolls towards the beginning */
  function scrolled(place) {
    const above = place.scrollHeight - place.clientHeight + place.scrollTop;
    const button = place.querySelector(".k-earlier");
    if (above < NEAR_TOP_PX && button?.getClientRects().length && !button.disabled) {
      const rows = place.querySelectorAll(".k-row").length;
      if (place.dataset.asked !== String(rows)) {
        place.dataset.asked = String(rows);
        button.click();
      }
    }
  }

  async function copy(button) {
    const text = button.parentElement.querySelector(".k-bubble").innerText;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const selection = getSelection();
      selection.selectAllChildren(button.parentElement.querySelector(".k-bubble"));
      document.execCommand("copy");
    }
    Quasar.Notify.create({ message: texts.copied, position: "bottom-left", timeout: 1200 });
  }

  document.addEventListener("keydown", pressed, true);
  document.addEventListener("input", (event) => {
    if (event.target === reply()) typed(event.target);
  });
  document.addEventListener("click", (event) => {
    if (event.target.matches?.(".k-copy")) copy(event.target);
    else if (event.target.matches?.(".k-sound")) soundPressed();
    else if (event.target === reply()) offerFix();
    else if (!event.target.closest?.(".k-fix")) closeFix();
  });
  document.addEventListener(
    "scroll",
    (event) => {
      if (event.target.matches?.(".k-scroll")) scrolled(event.target);
    },
    true,
  );
  document.addEventListener("submit", (event) => {
    // Whoever logs out leaves nothing of theirs in this tab.
    if (event.target.action?.endsWith("/desk/logout")) sessionStorage.clear();
  });
  // Only what is really before somebody's eyes counts as read.
  document.addEventListener("visibilitychange", () => {
    if (window.socket?.connected) emitEvent("kefu_watched", document.visibilityState === "visible");
  });
  setInterval(tick, 1000);

  return {
    begin(words, staff) {
      texts = words;
      owner = staff;
      for (const key of Object.keys(sessionStorage)) {
        if (key.startsWith("kefu-reply:") && !key.startsWith(`kefu-reply:${owner}:`)) {
          sessionStorage.removeItem(key);
        }
      }
      showSound();
      tick();
    },
    mark: later(mark),
    kept,
    forget,
    shown: later(shown),
    focus: later(focus),
    alert,
    tick,
  };
})();
