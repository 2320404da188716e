/* The roaming flow at the desk: one question at a time, answered with a click, until the answers say what to do. */
import { element, language, post, t } from "./common.js";

export class Roaming {
  constructor(box, form) {
    this.box = box;
    this.form = form;
    this.answers = {};
    this.asked = 0;
    for (const name of ["card_type", "roaming_country"]) form.elements[name].addEventListener("change", () => this.restart());
  }

  /* Shown while the complaint is about roaming. */
  show(wanted) {
    if (wanted === !this.box.hidden) return;
    this.box.hidden = !wanted;
    if (wanted) this.restart();
  }

  restart() {
    this.answers = {};
    if (!this.box.hidden) this._next();
  }

  async _next() {
    const mine = ++this.asked, country = this.form.elements.roaming_country.value.trim();
    const told = { card: this.form.elements.card_type.value || "normal", answers: this.answers };
    if (country) told.country = country;
    try {
      const step = await post("/v1/roaming/step", told);
      if (mine === this.asked) this._draw(step);
    } catch { if (mine === this.asked) this.box.hidden = true; }
  }

  _draw(step) {
    const said = step["say_" + language];
    const row = element("div", "roaming-row");
    if (step.open) {
      row.append(element("span", "", said + (language === "zh" ? "？" : "?")));
      for (const answer of ["yes", "no"]) row.append(this._button(t[answer], () => { this.answers[step.ask] = answer; this._next(); }));
    } else {
      row.append(element("strong", "", `${t.roaming_do}: ${said}`), this._button(t.roaming_noted, () => this._note(step.cause, said)));
    }
    if (Object.keys(this.answers).length) row.append(this._button(t.roaming_again, () => this.restart()));
    const hints = step.pitfalls.map((one) => element("p", "hint", one[language]));
    this.box.replaceChildren(element("h3", "", t.roaming_guide), row, ...hints);
  }

  _button(words, act) {
    const made = element("button", "", words);
    made.type = "button";
    made.onclick = act;
    return made;
  }

  _note(cause, said) {
    const note = this.form.elements.event_note, line = `${cause}: ${said}`;
    if (!note.value.includes(line)) note.value = [line, note.value].filter(Boolean).join("; ");
    note.focus();
  }
}
