/* The complaint form: class read from the text, fields the class needs, earlier tickets, what still blocks dispatch. */
import { className, config, day, element, facts, language, moment, percent, post, t } from "./common.js";
import { Roaming } from "./desk-roaming.js";

const READ_MS = 250;
const EXACT = new Set(["gnss", "building", "street"]);
const LIKELY = ["direction", "audio", "echo_hearer"];

/* Bodies above the operator that a customer names: a suggestion, a person decides. */
export function announced(mentions) {
  return (mentions || []).map((one) => {
    const tag = element("span", "tag bad", `${t.announced} ${one["name_" + language]}`);
    tag.title = t.announced_tip;
    return tag;
  });
}

/* Earlier tickets that came through a higher channel, or named one. */
export function escalations(tickets) {
  const tags = tickets.filter((one) => one.escalated).map((one) => element("span", "tag bad", `${t.escalated} · ${one.ticket_no}`));
  const named = new Map(tickets.flatMap((one) => one.escalation || []).map((one) => [one.name_zh, one]));
  return [...tags, ...announced([...named.values()])];
}

export class Record {
  constructor(form) {
    this.form = form;
    this.ticket = crypto.randomUUID();
    this.fix = null;
    this.chosen = this.sending = false;
    this.filled = "";
    this.read = null;
    this.onerror = (error) => error.message;
    this.roaming = new Roaming(document.getElementById("roaming"), form);
    const field = form.elements;
    field.text.addEventListener("input", () => { clearTimeout(this.soon); this.soon = setTimeout(() => this._read(), READ_MS); });
    field.customer_no.addEventListener("change", () => this._history());
    field.class.addEventListener("change", () => { this._needs(); this._history(); });
    form.addEventListener("input", () => this._missing());
    form.addEventListener("submit", (event) => { event.preventDefault(); this._send(event.submitter && event.submitter.value === "dispatch"); });
    field.occurred_from.value = nowText();
    this._needs();
  }

  focus() { this.form.elements.text.focus(); }

  /* Ctrl+Enter: dispatch when nothing is missing, else keep what there is. */
  submit() { this._send(!this._missing().length); }

  /* The point belongs to the words it was found by: typing another place lets go of it. */
  place(fix, words, chosen = false) {
    this.fix = fix;
    this.chosen = chosen;
    this.filled = this.form.elements.place_text.value = words;
    this._missing();
    this._history();
  }

  classCode() { return this.form.elements.class.value || (this.read && this.read.class) || ""; }

  async _read() {
    const text = this.form.elements.text.value.trim(), line = document.getElementById("reading");
    if (!text) { this.read = null; line.hidden = true; return this._needs(); }
    try { this.read = await post("/v1/complaints/read", { text }); } catch { return; }
    if (text !== this.form.elements.text.value.trim()) return;
    line.replaceChildren(...marked(text, this.read), this._understood(), ...announced(this.read.escalation));
    line.hidden = false;
    for (const name of LIKELY) if (!this.form.elements[name].value && this.read[name] && this.read[name] !== "unknown") this.form.elements[name].value = this.read[name];
    this._needs();
    this._history();
  }

  _understood() {
    const secondary = this.read.secondary.map(className).join(t.comma);
    return element("span", "understood", `${t.recognised_as} ${className(this.read.class)} (${percent(this.read.confidence)})${secondary ? ` · ${t.also} ${secondary}` : ""}`);
  }

  /* Show the fields the class needs and mark them. */
  _needs() {
    const needed = new Set(config.required[this.classCode()] || config.required.UNCLEAR);
    for (const label of this.form.querySelectorAll("label[data-field]")) {
      const wanted = needed.has(label.dataset.field);
      label.classList.toggle("needed", wanted);
      if ("class" in label.dataset) label.hidden = !wanted;
    }
    this.needed = needed;
    this.roaming.show(this.classCode() === "ROAMING");
    const automatic = this.form.elements.class.options[0];
    automatic.textContent = this.read ? `${t.from_text} ${className(this.read.class)}` : t.f_class_auto;
    this._missing();
  }

  _missing() {
    const value = (name) => (name === "class" ? this.classCode() : this.form.elements[name] ? this.form.elements[name].value.trim() : "");
    const missing = [...this.needed].filter((name) => !value(name) || (name === "class" && value(name) === "UNCLEAR"));
    const line = document.getElementById("missing");
    const begun = Boolean(this.form.elements.text.value.trim() || this.form.elements.customer_no.value.trim());
    this.form.classList.toggle("begun", begun);
    line.textContent = !begun ? t.needed_marked : missing.length ? `${t.before_dispatch} ${missing.map((name) => config.fields[name][language]).join(t.comma)}` : t.complete;
    line.classList.toggle("complete", !missing.length);
    document.getElementById("dispatch").disabled = missing.length > 0;
    for (const label of this.form.querySelectorAll("label[data-field]")) label.classList.toggle("empty", missing.includes(label.dataset.field));
    return missing;
  }

  async _history() {
    const box = document.getElementById("caller"), number = this.form.elements.customer_no.value.trim();
    const mine = this.callers = (this.callers || 0) + 1; // an answer about the number before must not show under this one
    box.hidden = true;
    if (!number) return;
    const asked = { customer_no: number };
    if (this.classCode()) asked.class = this.classCode();
    if (this.fix) Object.assign(asked, { lat: this.fix.lat, lon: this.fix.lon, radius_m: Math.max(30, this.fix.radius_m) });
    try {
      const found = await post("/v1/customers/history", asked);
      if (mine === this.callers) this._showCaller(box, found);
    } catch { if (mine === this.callers) box.hidden = true; }
  }

  _showCaller(box, found) {
    box.hidden = false;
    const flags = element("p", "flags");
    if (found.repeat_of) flags.append(element("span", "tag warn", `${t.repeat} (${found.repeats}) · ${found.repeat_of}`));
    if (found.difficult) flags.append(element("span", "tag bad", t.difficult));
    if (found.major) flags.append(element("span", "tag bad", t.major));
    if (found.urgent) flags.append(element("span", "tag warn", t.urgent));
    flags.append(...escalations(found.tickets));
    if (found.linked_to) flags.append(element("span", "tag", `${t.linked} ${found.linked_to}`));
    const said = !found.number_understood ? t.number_unclear : found.tickets.length ? t.earlier_tickets : t.first_contact;
    box.replaceChildren(element("h3", "", said), flags);
    if (found.duplicate_of) box.append(this._duplicate(found.duplicate_of));
    box.append(facts(found.tickets.slice(0, 5).map((one) => [day(one.accepted_at), [one.ticket_no, className(one.class), t["st_" + one.status] || one.status, one.result].filter(Boolean).join(" · ")])));
  }

  /* Same customer, same class, still open, within a day: a chaser, not a new matter. */
  _duplicate(number) {
    const line = element("p", "duplicate", `${t.duplicate_of} ${number}. `), same = element("button", "", t.as_chaser);
    same.type = "button";
    same.onclick = () => {
      const note = this.form.elements.event_note;
      if (!note.value.includes(number)) note.value = [`${t.chaser_note} ${number}`, note.value].filter(Boolean).join("; ");
      note.focus();
    };
    line.append(same);
    return line;
  }

  _data() {
    const data = Object.fromEntries([...new FormData(this.form)].filter(([name, value]) => value.trim() !== "" && name !== "how"));
    for (const flag of ["indoor", "other_phone_ok"]) if (flag in data) data[flag] = data[flag] === "true";
    if (data.occurred_from) data.occurred_from = instant(data.occurred_from);
    if (this.fix && data.place_text === this.filled && (this.chosen || EXACT.has(this.fix.precision))) Object.assign(data, { lat: this.fix.lat, lon: this.fix.lon, radius_m: Math.max(30, this.fix.radius_m) });
    return data;
  }

  async _send(dispatch) {
    const said = document.getElementById("recorded");
    if (this.sending || !this.form.reportValidity()) return;
    const focused = document.activeElement;
    said.className = "note";
    said.textContent = t.saving;
    try {
      // Nothing typed meanwhile may be mistaken for what was sent, and cleared with it.
      this.sending = this.form.inert = true;
      const taken = await post("/v1/complaints", { ...this._data(), dispatch }, { "Idempotency-Key": this.ticket });
      said.className = "note good";
      said.textContent = `${taken.created ? (dispatch ? t.dispatched : t.saved) : t.saved_known}: ${taken.ticket_no} · ${className(taken.class)}${dueNext(taken.due)}`;
      this._clear();
      this.ticket = crypto.randomUUID();
    } catch (error) {
      // An answer that was lost on the way (no status) may have been recorded: the same key asks again.
      if (error.status !== undefined) this.ticket = crypto.randomUUID();
      said.className = "note error";
      said.textContent = this.onerror(error);
    } finally {
      this.sending = this.form.inert = false;
      if (this.form.contains(focused) && document.activeElement === document.body) focused.focus();
    }
  }

  _clear() {
    this.form.reset();
    this.read = null;
    document.getElementById("reading").hidden = true;
    document.getElementById("caller").hidden = true;
    this.form.elements.place_text.value = this.filled;
    this.form.elements.occurred_from.value = nowText();
    this._needs();
  }
}

/* The deadline that comes next, as words behind what was recorded. */
function dueNext(clocks) {
  const next = (clocks || []).find((one) => new Date(one.due) > new Date());
  return next ? ` · ${t.due_next}: ${next["label_" + language]} ${moment(next.due)}` : "";
}

/* The text with the deciding phrase marked. */
function marked(text, read) {
  if (read.phrase_start === null) return [element("span", "said", text + " ")];
  const end = read.phrase_start + read.phrase.length, box = element("span", "said");
  const mark = element("mark", "", read.phrase);
  mark.title = t.deciding_phrase;
  box.append(text.slice(0, read.phrase_start), mark, text.slice(end) + " ");
  return [box];
}

/* "2026-03-31 20:15" in the operator's zone, the same on every computer. */
function nowText() { return new Date().toLocaleString("sv-SE", { timeZone: config.timezone, dateStyle: "short", timeStyle: "short" }); }

function instant(text) {
  const guess = new Date(text.replace(" ", "T") + ":00Z");
  if (Number.isNaN(guess.getTime())) return text;
  const there = new Date(guess.toLocaleString("sv-SE", { timeZone: config.timezone }).replace(" ", "T") + "Z");
  return new Date(guess.getTime() - (there - guess)).toISOString();
}
