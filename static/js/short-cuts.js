// <short-cuts><dialog>…</dialog></short-cuts>, on the page only where the reading settings have them on.
// j and k go from reply to reply, n to the next new one, a to the author's next, r answers, ? shows the list. Never while typing, never with
// Ctrl, Alt or ⌘. Without this script the keys do nothing.
customElements.define("short-cuts", class extends HTMLElement {
  connectedCallback() {
    addEventListener("keydown", this);
  }

  handleEvent(event) {
    const deeds = {
      j: () => this.#go(1, ".comment__head"),
      k: () => this.#go(-1, ".comment__head"),
      n: () => this.#go(1, ".tag--new"),
      a: () => this.#go(1, ".tag--author"),
      r: () => this.#here()?.querySelector("[data-answer]")?.click(),
      "?": () => this.firstElementChild.showModal(),
    };
    const isTyping = event.target.closest("input, textarea, select, dialog");
    if (deeds[event.key] && !isTyping && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      deeds[event.key]();
    }
  }

  #here() {
    return document.activeElement.closest(".comment");
  }

  #go(step, mark) {
    const all = [...document.querySelectorAll(".comment")];
    const below = all.findIndex((one) => one.getBoundingClientRect().top > 0);
    let at = this.#here() ? all.indexOf(this.#here()) : (below < 0 ? all.length : below) - (step > 0);
    do { at += step; } while (all[at] && !all[at].querySelector(mark));
    if (all[at]) {
      all[at].tabIndex = -1;
      all[at].focus({ preventScroll: true });
      all[at].scrollIntoView();
    }
  }
});
