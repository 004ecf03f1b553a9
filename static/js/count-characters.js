// <count-characters data-left="还可以写 0 字" data-over="超出 0 字"></count-characters>, in a .field whose control has data-most.
// Counts as a reader does, and says so near the end; aloud (in the field's [role=status]) only when little is left, and when it is too much.
// Without this script the server counts.
customElements.define("count-characters", class extends HTMLElement {
  #field = this.closest(".field");
  #control = this.#field.querySelector("[data-most]");
  #timer;
  #level = 0;

  connectedCallback() {
    this.#control.addEventListener("input", this);
    this.#count();
  }

  handleEvent() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#count(), 300);
  }

  #count() {
    const most = Number(this.#control.dataset.most);
    const { value } = this.#control;
    const isNear = value.length >= most * .9;
    const left = isNear ? most - this.#length(value) : most;
    const level = [most / 10, most / 100, -1].filter((step) => left <= step).length;
    const words = level ? this.dataset[left < 0 ? "over" : "left"].replace("0", Math.abs(left)) : "";
    this.textContent = words;
    this.toggleAttribute("data-wrong", left < 0);
    if (level !== this.#level) {
      this.#field.querySelector("[role=status]").textContent = words;
      this.#level = level;
    }
  }

  #length(text) {
    return [...window.Intl?.Segmenter ? new Intl.Segmenter().segment(text) : text].length;
  }
});
