// 网页在线客服挂件：在网站页面里加一行即可
//   <script src="https://您的客服地址/widget.js" async></script>
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || document.getElementById("kefu-widget")) return;
  const origin = new URL(script.src).origin;
  const TEXTS = {/*texts*/};
  const OPENED = "kefu.widget";
  const STYLE = `
    :host { all: initial; }
    * { box-sizing: border-box; }
    .launcher { position: fixed; right: calc(24px + env(safe-area-inset-right)); bottom: calc(24px + env(safe-area-inset-bottom)); z-index: 2147483000;
      display: flex; align-items: center; gap: 10px; height: 52px; margin: 0; padding: 0 20px 0 16px; border: 0; border-radius: 26px; cursor: pointer;
      background: #17616e; color: #fff; box-shadow: 0 6px 20px rgb(17 75 86 / 35%);
      font: 500 16px/1 -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", system-ui, sans-serif; }
    .launcher:hover { background: #114b56; }
    .launcher:focus-visible { outline: 3px solid #8fd6cf; outline-offset: 2px; }
    .launcher[hidden], iframe[hidden] { display: none; }
    svg { width: 24px; height: 24px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    .badge { position: absolute; top: -6px; right: -2px; min-width: 22px; height: 22px; padding: 0 6px; border: 2px solid #fff; border-radius: 11px;
      background: #b3261e; font-size: 12px; font-weight: 600; line-height: 18px; text-align: center; }
    .badge[hidden] { display: none; }
    iframe { position: fixed; right: 24px; bottom: 24px; z-index: 2147483001; width: 392px; height: min(640px, calc(100vh - 48px)); border: 0;
      border-radius: 16px; background: #fff; box-shadow: 0 12px 48px rgb(28 39 51 / 28%); }
    @media (max-width: 520px) { iframe { inset: 0; width: 100%; height: 100%; border-radius: 0; } .launcher { right: 16px; bottom: calc(16px + env(safe-area-inset-bottom)); } }
  `;

  const remember = (value) => { try { sessionStorage.setItem(OPENED, value); } catch { /* storage may be forbidden */ } };
  const remembered = () => { try { return sessionStorage.getItem(OPENED); } catch { return null; } };

  const holder = document.createElement("div");
  holder.id = "kefu-widget";
  const root = holder.attachShadow({ mode: "open" });
  const launcher = document.createElement("button");
  const badge = document.createElement("span");
  let frame = null;
  let isOpen = false;

  // A constructed style sheet also works where the site's policy forbids inline styles.
  function dress() {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    } catch {
      const style = document.createElement("style");
      style.textContent = STYLE;
      root.append(style);
    }
  }

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

  function load() {
    if (frame) return;
    frame = document.createElement("iframe");
    frame.title = TEXTS.frame_title;
    frame.hidden = true;
    frame.src = `${origin}/chat/embed?host=${encodeURIComponent(location.origin)}`;
    root.append(frame);
  }

  function tell() {
    frame.contentWindow?.postMessage({ kefu: "host", isShown: isOpen }, origin);
  }

  function open(isUsersWish = true) {
    load();
    isOpen = true;
    frame.hidden = false;
    launcher.hidden = true;
    launcher.setAttribute("aria-expanded", "true");
    remember("open");
    tell();
    if (isUsersWish) frame.focus();
  }

  function close() {
    isOpen = false;
    frame.hidden = true;
    launcher.hidden = false;
    launcher.setAttribute("aria-expanded", "false");
    remember("closed");
    tell();
    launcher.focus();
  }

  function showUnread(count) {
    badge.hidden = !count;
    badge.textContent = count > 99 ? "99+" : String(count);
    launcher.setAttribute("aria-label", count ? TEXTS.launcher_unread.replace("{n}", String(count)) : TEXTS.launcher);
  }

  addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== origin || event.data?.kefu !== "frame") return;
    const { kind, count } = event.data;
    if (kind === "ready") tell();
    else if (kind === "close") close();
    else if (kind === "unread" && Number.isInteger(count) && count >= 0) showUnread(count);
  });

  launcher.className = "launcher";
  launcher.type = "button";
  launcher.setAttribute("aria-expanded", "false");
  badge.className = "badge";
  launcher.append(icon(), TEXTS.launcher, badge);
  launcher.addEventListener("click", () => open());
  showUnread(0);
  dress();
  root.append(launcher);

  function appear() {
    document.body.append(holder);
    // Whoever used the chat on an earlier page of this site keeps it, with what is unread.
    const before = remembered();
    if (before === "open" && !matchMedia("(max-width: 520px)").matches) open(false);
    else if (before) load();
  }
  if (document.body) appear();
  else addEventListener("DOMContentLoaded", appear);
})();
