// <send-by-keys hidden>…words…</send-by-keys>, in a form with a button #submit.
// Ctrl+Enter or ⌘+Enter presses it, and who presses twice sends once. Without this script the words stay hidden.
customElements.define("send-by-keys", class extends HTMLElement {
  #form = this.closest("form");
  #sentAt = -Infinity;

  connectedCallback() {
    this.hidden = false;
    this.#form.addEventListener("keydown", this);
    this.#form.addEventListener("submit", this);
  }

  handleEvent(event) {
    if (event.type === "submit") {
      event.timeStamp - this.#sentAt < 2000 ? event.preventDefault() : this.#sentAt = event.timeStamp;
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      this.#form.elements.submit.click();
    }
  }
});
