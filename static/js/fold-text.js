// <details class="fold"><summary>…</summary>…</details>
// A text that is folded again stays in sight, and all are open on paper.
// Without this script the page may jump, and engines that know ::details-content print everything all the same.
addEventListener("click", ({ target }) => {
  const fold = target.closest(".fold[open] > summary")?.parentNode;
  requestAnimationFrame(() => fold?.scrollIntoView({ block: "nearest" }));
});

addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll(".fold:not([open])")) {
    fold.open = true;
    addEventListener("afterprint", () => { fold.open = false; }, { once: true });
  }
});
