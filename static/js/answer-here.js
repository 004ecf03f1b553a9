// <answer-here><section class="write"><form>…</form></section></answer-here>; links with data-answer, and .paragraph__quote, name what is answered.
// The form goes under the reply, and back. Its strip, its hidden fields and the quotation (an event `quote`) are the server's answer to that very
// link. Without this script, or when anything fails, the link is followed. The event `answer` brings back what a draft had answered.
customElements.define("answer-here", class extends HTMLElement {
  #write = this.firstElementChild;
  #form = this.querySelector("form");
  #query = location.search;
  #opener;
  #wanted;

  connectedCallback() {
    // After a reload browsers put back what had stood in hidden fields, and nothing would say so.
    this.#form.querySelector(".strip") || this.#answer("", "");
    ["click", "popstate", "answer"].forEach((type) => addEventListener(type, this));
  }

  handleEvent(event) {
    const link = event.type === "click" && event.target.closest("[data-answer], .paragraph__quote");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      this.#ask(link.href, (words) => this.#move(words, link)).catch(() => location.assign(link.href));
    } else if (event.type === "popstate" && location.search !== this.#query) {
      this.#ask(location.href, (words) => this.#move(words)).catch(() => location.reload());
    } else if (event.type === "answer" && !this.#form.querySelector(".strip")) {
      const address = new URL(location);
      address.searchParams.set("to", event.detail.parent);
      address.searchParams.set("quote", event.detail.quote);
      this.#ask(address.href, () => {}).catch(() => {});
    }
  }

  async #ask(address, then) {
    this.#wanted = address;
    const page = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
    const { parent, quote, body } = page.querySelector(".write form").elements;
    if (address === this.#wanted) {
      this.#answer(parent.value, quote.value);
      this.#form.querySelector(".strip")?.remove();
      this.#form.prepend(page.querySelector(".strip") || "");
      then(body.value);
      this.#query = location.search;
    }
  }

  #answer(parent, quote) {
    this.#form.elements.parent.value = parent;
    this.#form.elements.quote.value = quote;
  }

  #move(detail, link) {
    const { parent, body } = this.#form.elements;
    const reply = document.getElementById(`comment-${parent.value}`);
    reply ? reply.after(this.#write) : this.append(this.#write);
    link && history.pushState(null, "", link.href);
    body.dispatchEvent(new CustomEvent("quote", { bubbles: true, detail }));
    this.#write.scrollIntoView({ block: "nearest" });
    (this.#form.querySelector(".strip") ? body : this.#opener || body).focus();
    this.#opener = reply && link;
  }
});
