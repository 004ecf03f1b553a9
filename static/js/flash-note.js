// <flash-note><p class="note" role="status" tabindex="-1">…</p></flash-note>
// The focus goes to what was just said; without this script it is read where it stands.
customElements.define("flash-note", class extends HTMLElement {
  connectedCallback() {
    const note = this.querySelector(".note");
    note.focus({ preventScroll: true });
    addEventListener("load", () => note.focus({ preventScroll: true }), { once: true });
  }
});
