/* The time slider: a window of steps that can be moved and played; two windows when periods are compared. */
import { day, element, get, lastDay, number, t } from "./common.js";
import { svg } from "./charts.js";
import { remember, state } from "./map-state.js";

const LENGTHS = { day: [1, 7, 14, 30], week: [1, 4, 13], month: [1, 3, 6, 12] };
const FRAME_MS = 450;

export class Timeline {
  /* `changed()` may return a promise; playing waits for it. */
  constructor(box, changed) {
    this.box = box;
    this.changed = changed;
    this.steps = [];
    this.length = 0;
    this.at = [0, 0];
    this.two = false;
    this.timer = null;
  }

  async load(group) {
    const found = await get("/v1/timeline?class_group=" + group);
    this.unit = found.unit;
    this.steps = found.steps;
    this.lengths = LENGTHS[found.unit].filter((n) => n < this.steps.length);
    this._restore();
    this._build();
  }

  /* Periods of the two windows; an open period is the whole run. */
  periods() {
    return this.length ? this.at.slice(0, this.two ? 2 : 1).map((at) => this._period(at)) : [null];
  }

  _period(at) { return { since: this.steps[at].from, until: this.steps[at + this.length - 1].to }; }

  label(period) {
    const [first, last] = period ? [period.since, period.until] : [this.steps[0].from, this.steps[this.steps.length - 1].to];
    return `${day(first)} – ${lastDay(last)}`;
  }

  _index(key, text) { return this.steps.findIndex((step) => step[key] === text); }

  _restore() {
    const first = this._index("from", state.since), last = this._index("to", state.until);
    if (first < 0 || last < first) return;
    this.length = last - first + 1;
    this.at = [first, Math.max(0, this.steps.length - this.length)];
    const second = this._index("from", state.since2);
    if (second >= 0 && second + this.length <= this.steps.length) { this.two = true; this.at[1] = second; }
    if (!this.lengths.includes(this.length)) this.lengths = [...this.lengths, this.length].sort((a, b) => a - b);
  }

  compare(on) {
    this.two = on;
    if (on && !this.length) {
      this.length = this.lengths.filter((n) => 2 * n <= this.steps.length).pop() || 1;
      this.at = [0, this.steps.length - this.length];
    }
    if (on && this.at[0] === this.at[1]) this.at[1] = Math.max(0, this.steps.length - this.length);
    this._build();
    this._tell();
  }

  enable(on, why) {
    this.box.classList.toggle("off", !on);
    for (const node of this.box.querySelectorAll("button, select, input")) node.disabled = !on || (node.dataset.needs === "window" && !this.length);
    if (!on) this._stop();
    if (this.when && on) this._show(); else if (this.when) this.when.textContent = why;
  }

  _build() {
    this._stop();
    const head = element("div", "tl-head"), track = element("div", "tl-track");
    this.play = element("button", "tl-play", "▶");
    Object.assign(this.play, { type: "button", title: t.play, onclick: () => (this.timer ? this._stop() : this._start()) });
    this.play.setAttribute("aria-label", t.play);
    this.play.dataset.needs = "window";
    this.select = element("select");
    this.select.setAttribute("aria-label", t.window);
    for (const n of [0, ...this.lengths]) {
      const option = element("option", "", n ? `${n} ${t["unit_" + this.unit]}` : t.whole_period);
      option.value = n;
      this.select.append(option);
    }
    this.select.value = this.length;
    this.select.onchange = () => this._resize(Number(this.select.value));
    this.when = element("output", "tl-when");
    head.append(this.play, this.select, this.when);
    track.append(this._bars(), ...this.at.slice(0, this.two ? 2 : 1).map((_, i) => this._slider(i)));
    this.box.replaceChildren(head, track);
    this.box.hidden = this.steps.length < 2;
    this._show();
  }

  _slider(i) {
    const slider = element("input", i ? "second" : "first");
    Object.assign(slider, { type: "range", min: 0, step: 1 });
    slider.max = Math.max(0, this.steps.length - Math.max(1, this.length));
    slider.value = this.at[i];
    slider.disabled = !this.length;
    slider.dataset.needs = "window";
    slider.setAttribute("aria-label", i ? t.period_b : this.two ? t.period_a : t.period);
    slider.oninput = () => { this.at[i] = Number(slider.value); this._show(); clearTimeout(this.soon); this.soon = setTimeout(() => this._tell(), 60); };
    return slider;
  }

  _bars() {
    const most = Math.max(1, ...this.steps.map((step) => step.customers)), n = this.steps.length;
    const drawing = svg("svg", { viewBox: `0 0 ${n} 32`, preserveAspectRatio: "none", role: "img", "aria-label": t.timeline });
    this.columns = this.steps.map((step, i) => {
      const high = (30 * step.customers) / most, column = svg("rect", { x: i + 0.08, width: 0.84, y: 32 - high, height: high });
      column.append(svg("title", {}, `${day(step.from)}: ${number(step.customers, 0)} ${t.customers}`));
      drawing.append(column);
      return column;
    });
    return drawing;
  }

  _resize(length) {
    const end = this.length ? this.at[0] + this.length : this.steps.length;
    this.length = length;
    if (!length) this.two = false;
    this.at = [Math.max(0, end - length), Math.max(0, this.steps.length - length)];
    if (this.two && this.at[0] === this.at[1]) this.at[0] = 0;
    this._build();
    this._tell();
  }

  _show() {
    const inside = (i, at) => this.length && i >= at && i < at + this.length;
    this.columns.forEach((column, i) => column.setAttribute("class", !this.length ? "in" : inside(i, this.at[0]) ? "in" : this.two && inside(i, this.at[1]) ? "in-b" : ""));
    const [a, b] = this.periods();
    this.when.textContent = this.two ? `A ${this.label(a)} · B ${this.label(b)}` : this.label(a);
    this.play.disabled = !this.length || this.two;
  }

  _tell() {
    const [a, b] = this.periods();
    remember({ since: a && a.since, until: a && a.until, since2: b && b.since, until2: b && b.until });
    return this.changed();
  }

  _start() {
    if (!this.length) return;
    const last = this.steps.length - this.length, step = Math.max(1, Math.ceil(last / 60));
    if (this.at[0] >= last) this.at[0] = 0;
    this.play.textContent = "❚❚";
    this.play.setAttribute("aria-label", t.pause);
    const frame = async () => {
      const begun = Date.now();
      this.at[0] = Math.min(last, this.at[0] + step);
      this.box.querySelector("input.first").value = this.at[0];
      this._show();
      await this._tell();
      if (!this.timer) return;
      if (this.at[0] >= last) return this._stop();
      this.timer = setTimeout(frame, Math.max(0, FRAME_MS - (Date.now() - begun)));
    };
    this.timer = setTimeout(frame, 0);
  }

  _stop() {
    clearTimeout(this.timer);
    this.timer = null;
    if (this.play) { this.play.textContent = "▶"; this.play.setAttribute("aria-label", t.play); }
  }
}
