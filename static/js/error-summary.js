// <error-summary><div class="problems" tabindex="-1">…</div></error-summary>
// Takes the focus when the page opens, so that what is wrong is read first.
// Without this script the summary still comes first, and is announced as an alert.
customElements.define("error-summary", class extends HTMLElement {
  connectedCallback() {
    this.#takeFocus();
    // Until everything is loaded, browsers go to the fragment of the address, and take the focus away.
    if (location.hash && document.readyState !== "complete") {
      addEventListener("load", () => this.#takeFocus(), { once: true });
    }
  }

  #takeFocus() {
    this.querySelector(".problems").focus();
  }
});
