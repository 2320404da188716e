/* One search box for map and desk: suggestions while typing, arrow keys, Enter, Escape. */
import { element, get, language, t } from "./common.js";

const WAIT_MS = 90;
const NUMBERED = new Set(["cell", "site", "plan", "ticket", "point"]);

/* `go(text, suggestion)` is called with what was chosen, or with the words alone. */
export function searchBox(form, input, list, go) {
  let chosen = -1, waiting = null, typed = 0, found = [];

  function hide() {
    clearTimeout(waiting);
    typed++;
    chosen = -1;
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(next) {
    chosen = next;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === chosen)));
    input.setAttribute("aria-activedescendant", list.children[chosen].id);
  }

  function take(one) {
    input.value = one.kind === "point" ? one.name : (language === "en" && one.name_en) || one.name;
    hide();
    // Many places share a name: the one pointed at is asked for by its point.
    go(NUMBERED.has(one.kind) ? one.name : `${one.lat},${one.lon}`, one);
  }

  function line(one, i) {
    const item = element("li");
    item.id = list.id + "-" + i;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    const title = (language === "en" && one.name_en) || one.name, context = (language === "en" && one.label_en) || one.label || "";
    const where = context.startsWith(title) ? context.slice(title.length).replace(/^[,，\s]+/, "") : context;
    item.append(element("span", "", title), element("small", "", [where, t["kind_" + one.kind] || one.kind].filter(Boolean).join(" · ")));
    item.onmousedown = (event) => { event.preventDefault(); take(one); };
    return item;
  }

  async function suggest() {
    const text = input.value.trim();
    if (text.length < 2) return hide();
    const mine = ++typed;
    try { found = await get("/v1/locations/suggest?q=" + encodeURIComponent(text)); } catch { return hide(); }
    if (mine !== typed || text !== input.value.trim()) return;
    list.replaceChildren(...found.map(line));
    chosen = -1;
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
  }

  input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(suggest, WAIT_MS); });
  input.addEventListener("blur", () => setTimeout(hide, 120));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return hide();
    if (list.hidden || !found.length) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark((chosen + step + (chosen < 0 && step < 0 ? 1 : 0) + found.length) % found.length);
    } else if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); take(found[chosen]); }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    hide();
    const text = input.value.trim();
    if (text) go(text, null);
  });
}
