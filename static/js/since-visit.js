// <since-visit data-article="hello" data-floor="5" data-nested><template>…</template></since-visit>
// Marks, for a guest, what is new since the last visit, which ended with half an hour of silence: all that is kept for it on this device are two
// floors and a time. The template holds a link, a line (each for one and for more) and a tag. Without this script nothing is marked.
customElements.define("since-visit", class extends HTMLElement {
  #key = `seen ${this.dataset.article}`;
  #last = Number(this.dataset.floor);

  connectedCallback() {
    try {
      const { since = null, next = this.#last, at } = JSON.parse(localStorage.getItem(this.#key)) || {};
      let read = at < Date.now() - 30 * 60e3 ? next : since;
      // One's own replies right after what was read are no news.
      while (read !== null && document.querySelector(`[data-mine][data-floor="${read + 1}"]`)) read++;
      this.#note({ since: read, next: Math.max(next, this.#last) });
      addEventListener("pagehide", () => this.#note({}));
      read !== null && read < this.#last && this.#show(read, this.#last - read);
    } catch {}
  }

  #note(floors) {
    const kept = JSON.parse(localStorage.getItem(this.#key));
    localStorage.setItem(this.#key, JSON.stringify({ ...kept, ...floors, at: Date.now() }));
  }

  #show(read, count) {
    const [one, more, line, lines, tag] = this.firstElementChild.content.children;
    const [way, mark] = count > 1 ? [more, lines] : [one, line];
    const byline = document.querySelector(".byline [href='#replies']");
    const head = byline.closest("header");
    const height = head.offsetHeight;
    const news = [...document.querySelectorAll(".comment[data-floor]")].filter(({ dataset }) => dataset.floor > read);
    const link = way.lastElementChild;
    link.href = link.href.replace(/\d+$/, read + 1);
    [link, mark.firstElementChild].forEach((words) => { words.textContent = words.textContent.replace(/\d+/, count); });
    byline.after(way);
    // What comes below stays where it is.
    head.style.marginBlockEnd = `${height - head.offsetHeight}px`;
    read && "nested" in this.dataset && news[0]?.before(mark);
    news.filter(({ dataset }) => !("mine" in dataset)).forEach((reply) => reply.querySelector(".comment__time").before(tag.cloneNode(true)));
  }
});
