// <floor-preview id="floor-preview" role="tooltip" hidden><b></b> <span></span><p></p></floor-preview>
// Shows how the reply begins that a link in another one leads to, under the mouse or with the focus, until Esc (WCAG 1.4.13). It is taken from
// this page, else fetched once. Without this script, and under a finger, the link leads there.
customElements.define("floor-preview", class extends HTMLElement {
  #pages = {};
  #link;
  #timer;

  connectedCallback() {
    ["pointerover", "focusin", "keydown"].forEach((type) => addEventListener(type, this));
  }

  handleEvent({ type, target, pointerType, key }) {
    const link = target.closest?.('.comment__body [href^="/comments/"], .comment__to [href^="/comments/"]');
    if (key === "Escape" || type === "focusin") {
      this.#show(link?.matches(":focus-visible") && !key ? link : null);
    } else if (pointerType === "mouse") {
      clearTimeout(this.#timer);
      if (!this.contains(target) && this.#link !== document.activeElement) {
        this.#timer = setTimeout(() => this.#show(link), 200);
      }
    }
  }

  async #show(link) {
    this.#link?.removeAttribute("aria-describedby");
    this.#link = link;
    this.hidden = true;
    const reply = link && await this.#reply(link.pathname);
    if (reply && link === this.#link) {
      const [name, floor, words] = this.children;
      const body = reply.querySelector(".comment__body, .comment__tombstone");
      name.textContent = reply.querySelector("[id^=by-]").textContent;
      floor.textContent = reply.querySelector(".comment__floor").textContent;
      words.textContent = body.textContent.trim().slice(0, 140);
      words.lang = body.lang || document.documentElement.lang;
      link.setAttribute("aria-describedby", this.id);
      this.#place(link.getClientRects()[0]);
    }
  }

  async #reply(path) {
    const id = path.replace("/comments/", "comment-");
    const parse = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");
    return document.getElementById(id) || (await (this.#pages[path] ||= fetch(path).then(parse).catch(() => document))).getElementById(id);
  }

  #place({ left, top, bottom }) {
    this.hidden = false;
    const { offsetWidth, offsetHeight, style } = this;
    style.left = `${scrollX + Math.min(left, this.parentNode.getBoundingClientRect().right - offsetWidth)}px`;
    style.top = `${scrollY + (bottom + offsetHeight > innerHeight ? top - offsetHeight : bottom)}px`;
  }
});
