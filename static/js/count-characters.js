// <count-characters data-left="还可以写 0 字" data-over="超出 0 字"></count-characters>, in a .field that holds a control with data-most and ends with
// a [role=status]. Counts as a reader does and says so near the end, aloud only where little is left and where it is too much.
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
    const { value, dataset: { most } } = this.#control;
    const isNear = value.length >= most * .9;
    const characters = isNear ? [...window.Intl?.Segmenter ? new Intl.Segmenter().segment(value) : value] : [];
    const left = most - characters.length;
    const level = [most / 10, most / 100, -1].filter((step) => left <= step).length;
    this.textContent = level ? this.dataset[left < 0 ? "over" : "left"].replace("0", Math.abs(left)) : "";
    this.toggleAttribute("data-wrong", left < 0);
    if (level !== this.#level) {
      this.#field.lastElementChild.textContent = this.textContent;
      this.#level = level;
    }
  }
});
