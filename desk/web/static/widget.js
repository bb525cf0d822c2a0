// 网页在线客服挂件：在网站页面里加一行即可
//   <script src="https://您的客服地址/widget.js" async></script>
// 想自己决定位置和颜色，再放一个 <kefu-chat position="left" color="#7a1f3d"></kefu-chat>。
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || customElements.get("kefu-chat")) return;
  const origin = new URL(script.src).origin;
  const TEXTS = {/*texts*/};
  const OPENED = "kefu.widget";
  const COLOR = /^#[0-9a-f]{6}$/i;
  // `!important` in here wins over whatever the site says about our element.
  const STYLE = `
    :host { all: initial !important; display: contents !important; --color: #17616e; --ink: #fff; }
    * { box-sizing: border-box; }
    .launcher { position: fixed; inset: auto calc(24px + env(safe-area-inset-right)) calc(24px + env(safe-area-inset-bottom)) auto; z-index: 2147483000;
      display: flex; align-items: center; gap: 10px; height: 52px; margin: 0; padding: 0 20px 0 16px; border: 0; border-radius: 26px; cursor: pointer;
      background: var(--color); color: var(--ink); box-shadow: 0 6px 20px rgb(0 0 0 / 28%);
      font: 500 16px/1 -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", system-ui, sans-serif; }
    .launcher:hover { filter: brightness(.9); }
    .launcher:focus-visible { outline: 3px solid var(--color); outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }
    .launcher[hidden], iframe[hidden], .badge[hidden] { display: none; }
    svg { width: 24px; height: 24px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    .badge { position: absolute; top: -6px; right: -2px; min-width: 22px; height: 22px; padding: 0 6px; border: 2px solid #fff; border-radius: 11px;
      background: #b3261e; color: #fff; font-size: 12px; font-weight: 600; line-height: 18px; text-align: center; }
    iframe { position: fixed; inset: auto 24px 24px auto; z-index: 2147483001; width: 392px; height: min(640px, calc(100vh - 48px)); border: 0;
      border-radius: 16px; background: #fff; box-shadow: 0 12px 48px rgb(0 0 0 / 28%); color-scheme: light dark; }
    .left.launcher { right: auto; left: calc(24px + env(safe-area-inset-left)); }
    iframe.left { right: auto; left: 24px; }
    @media (max-width: 520px) {
      iframe, iframe.left { inset: 0; width: 100%; height: 100%; border-radius: 0; }
      .launcher { right: 16px; bottom: calc(16px + env(safe-area-inset-bottom)); }
      .left.launcher { left: 16px; }
    }
    @media (prefers-color-scheme: dark) { iframe { background: #12181e; } }
  `;

  const remember = (value) => { try { sessionStorage.setItem(OPENED, value); } catch { /* storage may be forbidden */ } };
  const remembered = () => { try { return sessionStorage.getItem(OPENED); } catch { return null; } };

  function icon() {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", "M4 5h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1h-7l-5 4v-4H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM8 11h.01M12 11h.01M16 11h.01");
    svg.append(path);
    return svg;
  }

  /** Black or white: what can be read on a colour. */
  function inkOn(color) {
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255)
      .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#111" : "#fff";
  }

  class KefuChat extends HTMLElement {
    static observedAttributes = ["position", "color"];
    #root = this.attachShadow({ mode: "open" });
    #launcher = document.createElement("button");
    #badge = document.createElement("span");
    #frame = null;
    #isOpen = false;
    #hear = (event) => this.#heard(event);

    connectedCallback() {
      addEventListener("message", this.#hear);
      if (!this.#launcher.isConnected) this.#build();
      this.#dress();
      // Whoever used the chat on an earlier page of this site keeps it, with what is unread.
      const before = remembered();
      if (this !== document.querySelector("kefu-chat")) return;
      if (before === "open" && !matchMedia("(max-width: 520px)").matches) this.open(false);
      else if (before) this.#load();
    }

    disconnectedCallback() {
      removeEventListener("message", this.#hear);
    }

    attributeChangedCallback() {
      if (this.isConnected) this.#dress();
    }

    open(isUsersWish = true) {
      this.#load();
      this.#isOpen = true;
      this.#frame.hidden = false;
      this.#launcher.hidden = true;
      this.#launcher.setAttribute("aria-expanded", "true");
      remember("open");
      this.#tell();
      if (isUsersWish) this.#frame.focus();
    }

    close() {
      if (!this.#frame) return;
      this.#isOpen = false;
      this.#frame.hidden = true;
      this.#launcher.hidden = false;
      this.#launcher.setAttribute("aria-expanded", "false");
      remember("closed");
      this.#tell();
      this.#launcher.focus();
    }

    #build() {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      // A constructed style sheet also works where the site's policy forbids inline styles.
      this.#root.adoptedStyleSheets = [sheet];
      this.lang = TEXTS.lang;
      this.#launcher.type = "button";
      this.#launcher.setAttribute("aria-expanded", "false");
      this.#badge.className = "badge";
      this.#launcher.append(icon(), TEXTS.launcher, this.#badge);
      this.#launcher.addEventListener("click", () => this.open());
      this.#showUnread(0);
      this.#root.append(this.#launcher);
    }

    get #color() {
      const color = this.getAttribute("color") ?? "";
      return COLOR.test(color) ? color : null;
    }

    #dress() {
      const side = this.getAttribute("position") === "left" ? "left" : "";
      this.#launcher.className = `launcher ${side}`;
      if (this.#frame) this.#frame.className = side;
      const color = this.#color;
      for (const [name, value] of [["--color", color], ["--ink", color && inkOn(color)]]) {
        if (value) this.#launcher.style.setProperty(name, value);
        else this.#launcher.style.removeProperty(name);
      }
    }

    #load() {
      if (this.#frame) return;
      const frame = document.createElement("iframe");
      const address = new URL("/chat/embed", origin);
      address.searchParams.set("host", location.origin);
      address.searchParams.set("lang", TEXTS.lang);
      if (this.#color) address.searchParams.set("color", this.#color);
      Object.assign(frame, { title: TEXTS.frame_title, hidden: true, allow: "clipboard-write", src: address.href });
      this.#frame = frame;
      this.#dress();
      this.#root.append(frame);
    }

    #tell() {
      this.#frame.contentWindow?.postMessage({ kefu: "host", isShown: this.#isOpen }, origin);
    }

    #showUnread(count) {
      this.#badge.hidden = !count;
      this.#badge.textContent = count > 99 ? "99+" : String(count);
      this.#launcher.setAttribute("aria-label", count ? TEXTS.launcher_unread.replace("{n}", String(count)) : TEXTS.launcher);
    }

    #heard(event) {
      if (!this.#frame || event.source !== this.#frame.contentWindow || event.origin !== origin || event.data?.kefu !== "frame") return;
      const { kind, count } = event.data;
      if (kind === "ready") this.#tell();
      else if (kind === "close") this.close();
      else if (kind === "unread" && Number.isInteger(count) && count >= 0) this.#showUnread(count);
    }
  }

  function appear() {
    customElements.define("kefu-chat", KefuChat);
    if (document.querySelector("kefu-chat")) return;
    const chat = document.createElement("kefu-chat");
    for (const name of ["position", "color"]) {
      if (script.dataset[name]) chat.setAttribute(name, script.dataset[name]);
    }
    document.body.append(chat);
  }
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", appear);
  else appear();
})();
