// <copy-link role="status" data-copy="复制链接" data-copied="已复制"></copy-link>
// Puts a button behind the time of each reply, which is its permalink, and tells when that is copied. Without this script, or over plain http
// (which has no clipboard), the permalink is copied as any link is.
customElements.define("copy-link", class extends HTMLElement {
  connectedCallback() {
    if (navigator.clipboard) {
      document.querySelectorAll(".comment__time").forEach((link) => this.#addButton(link));
    }
  }

  #addButton(link) {
    const button = document.createElement("button");
    button.className = "comment__copy";
    button.ariaLabel = `${this.dataset.copy} ${link.parentNode.lastElementChild.textContent}`;
    button.dataset.words = this.dataset.copy;
    button.addEventListener("click", () => navigator.clipboard.writeText(link.href.split("?")[0]).then(() => this.#tell(button)));
    link.after(button);
  }

  #tell(button) {
    this.textContent = button.dataset.words = this.dataset.copied;
    setTimeout(() => {
      this.textContent = "";
      button.dataset.words = this.dataset.copy;
    }, 3000);
  }
});
