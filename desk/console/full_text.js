/* A text that is cut short says all of it under the pointer. */
(() => {
  "use strict";
  const isCut = (one) => {
    const { textOverflow, webkitLineClamp } = getComputedStyle(one);
    return (
      (textOverflow === "ellipsis" && one.scrollWidth > one.clientWidth) ||
      (webkitLineClamp !== "none" && one.scrollHeight > one.clientHeight)
    );
  };
  document.addEventListener("mouseover", ({ target: one }) => {
    const isOurs = one.dataset?.full !== undefined;
    if (!one.closest?.(".k-page") || (one.title && !isOurs)) return;
    if (!isCut(one)) {
      if (isOurs) one.removeAttribute("title");
      return;
    }
    one.dataset.full = "";
    one.title = one.textContent.trim();
  });
})();
