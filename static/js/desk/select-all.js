// <select-all data-all="选中这一页" data-count="所选 %s 条"></select-all> inside the form that the boxes of a page belong to.
// One box picks all of the page, and how many are picked is told. Without this script there are the boxes alone.
customElements.define("select-all", class extends HTMLElement {
  connectedCallback() {
    const label = document.createElement("label");
    label.className = "queue__all";
    label.append(this.#all, this.dataset.all);
    this.#told.className = "queue__count";
    this.#told.setAttribute("role", "status");
    this.append(label, this.#told);
    this.#all.addEventListener("change", () => {
      for (const box of this.#boxes()) box.checked = this.#all.checked;
      this.#tell();
    });
    document.addEventListener("change", () => this.#tell());
    addEventListener("pageshow", () => this.#tell());
  }

  #all = Object.assign(document.createElement("input"), { type: "checkbox", className: "tick__box" });
  #told = document.createElement("span");

  #boxes() {
    return [...this.closest("form").elements].filter((one) => one.name === "pick");
  }

  #tell() {
    const boxes = this.#boxes();
    const picked = boxes.filter((box) => box.checked).length;
    this.#all.checked = picked > 0 && picked === boxes.length;
    this.#told.textContent = picked ? this.dataset.count.replace("%s", picked) : "";
  }
});
