/* The hotspot list beside the map and the panel of one hotspot. */
import { bars, spark, trend } from "./charts.js";
import { button, className, day, element, facts, language, lastDay, link, may, name, number, percent, placeName, t } from "./common.js";
import { followUp } from "./verdict.js";

const OVER_MS = 7 * 86400000;
/* A site request adds cells: tried from the request itself, its changes only tell where. */
export function builds(action) { return (action.changes || []).some((change) => change.field === "new"); }

const CHANGEABLE = new Set(["azimuth_deg", "mech_tilt_deg", "elec_tilt_deg", "rs_power_dbm", "height_m", "status"]);

/* What of an action can be tried by turning, tilting or switching cells. */
export function tryable(action) { return (action.changes || []).filter((change) => CHANGEABLE.has(change.field) && change.to !== null && change.to !== undefined); }

/* Over well before the newest findings end: history, not work. */
export function ended(spot, spots) {
  return new Date(spot.to).getTime() < Math.max(...spots.map((one) => new Date(one.to).getTime())) - OVER_MS;
}

function tag(spot, spots) {
  const state = ended(spot, spots) ? "ended" : spot.state === "steady" || !spot.state ? "" : spot.state;
  return state ? element("span", "tag " + state, t["state_" + state]) : "";
}

export function entry(spot, spots, on) {
  const node = button("", () => on.open(spot.id), "spot");
  node.dataset.id = spot.id;
  const head = element("span", "spot-head"), line = element("span", "spot-line");
  head.append(element("b", "", placeName(spot, "place") || spot.id), tag(spot, spots));
  const counts = element("b", "", number(spot.customers, 0));
  line.append(counts, ` ${t.customers} · ${t.expected} ${number(spot.expected)}`);
  const when = element("span", "spot-line", `${day(spot.from)} – ${lastDay(spot.to)}`);
  const body = element("span", "spot-body");
  body.append(head, element("span", "spot-cause", name(spot, "cause_name") || t.cause_open), line, when);
  node.append(element("span", "badge", spot.rank), body);
  if (spot.trend && spot.trend.length > 1) node.append(spark(spot.trend));
  node.onmouseenter = () => on.hover(spot.id);
  node.onmouseleave = () => on.hover(null);
  node.onfocus = () => on.hover(spot.id);
  return node;
}

export function panelOf(spot, spots, on) {
  const box = document.createDocumentFragment(), head = element("div", "panel-head"), at = spots.findIndex((one) => one.id === spot.id);
  const turn = element("span", "panel-turn");
  turn.append(
    Object.assign(button("↑", () => on.open(spots[at - 1].id), "quiet"), { disabled: at === 0, title: t.previous }),
    Object.assign(button("↓", () => on.open(spots[at + 1].id), "quiet"), { disabled: at === spots.length - 1, title: t.next }));
  head.append(button("← " + t.back, on.back, "quiet"), turn);
  const title = element("h2", "panel-title");
  title.append(element("span", "badge", spot.rank), element("span", "", placeName(spot, "place") || spot.id), tag(spot, spots));
  box.append(head, title, element("p", "lead", name(spot, "sentence")));
  const first = spot.causes.find((cause) => cause.shown);
  if (first) box.append(section(t.why, ...spot.causes.filter((cause) => cause.shown).map((cause, i) => causeBox(cause, i === 0))));
  box.append(section(t.actions, ...(spot.actions.length ? spot.actions.map((action) => actionBox(action, on)) : [element("p", "note", t.no_actions)])));
  if (spot.trend && spot.trend.length > 1) box.append(section(t.trend, trend(spot.trend)));
  const mix = Object.entries(spot.classes || {}).sort((a, b) => b[1] - a[1]).map(([code, count]) => [className(code), count]);
  box.append(section(t.class_mix, bars(mix, true)));
  box.append(section(t.statistics, facts([
    [t.period, `${day(spot.from)} – ${lastDay(spot.to)}`],
    [t.relative_risk, number(spot.relative_risk) + (spot.risk_low ? ` (${number(spot.risk_low)}–${number(spot.risk_high)})` : "")],
    [t.p_value, window.GeoMap.pValue(spot.p_value)], [t.contacts_n, number(spot.contacts, 0)],
    [t.precise, percent(spot.precise_share)], [t.expectation, t["e_" + spot.expectation] || spot.expectation],
    [t.number, spot.id],
  ])));
  const links = element("div", "buttons");
  if (may("desk")) links.append(button(t.compare_periods, () => on.periods(spot)), link(t.open_desk, `/desk?q=${spot.lat.toFixed(6)},${spot.lon.toFixed(6)}`, "button"));
  for (const request of (may("plan") && spot.site_requests) || []) links.append(link(request, "/planning#request=" + encodeURIComponent(request), "button"));
  box.append(links);
  return box;
}

function section(title, ...content) {
  const box = element("section", "part");
  box.append(element("h3", "", title), ...content);
  return box;
}

function evidenceText(item) {
  const label = item["label_" + language] || item["what_" + language] || item.what;
  // Yes-or-no evidence has no unit and the value 1: its label says it all.
  if (!item.unit && item.value === 1) return label;
  const value = typeof item.value === "number" ? quantity(item.value, item.unit) : item.value;
  // "> 0.01", "-120…-110": every number in the unit of the value, the unit once.
  const bounds = item.threshold === null || item.threshold === undefined ? "" : String(item.threshold).replace(/-?\d+(\.\d+)?(e[-+]?\d+)?/gi, (text) => figure(Number(text), item.unit));
  const limit = bounds ? ` (${t.threshold} ${withUnit(bounds, item.unit)})` : "";
  const basis = item.basis ? ` · ${t["b_" + item.basis] || item.basis}` : "";
  return `${label}: ${value ?? ""}${limit}${basis}`;
}

function figure(value, unit) {
  if (unit === "share") return number(100 * value, Math.abs(value) >= 0.1 ? 0 : 1);
  return number(value, Math.abs(value) < 1 ? 2 : 1);
}

function withUnit(text, unit) {
  const name = unit === "share" ? "%" : t["u_" + unit] ?? unit;
  return name ? `${text} ${name}` : text;
}

function quantity(value, unit) { return withUnit(figure(value, unit), unit); }

export function causeBox(cause, first) {
  const box = element("div", "cause" + (first ? " first" : "")), head = element("div", "cause-head"), points = element("ul");
  const meter = element("meter");
  Object.assign(meter, { min: 0, max: 1, value: cause.confidence, title: `${t.confidence} ${percent(cause.confidence)}` });
  head.append(element("b", "", name(cause, "name")), meter, element("span", "hint", `${t.confidence} ${percent(cause.confidence)}`));
  for (const item of cause.evidence || []) points.append(element("li", "for", evidenceText(item)));
  for (const item of cause.contradictions || []) points.append(element("li", "against", `${t.contradictions}: ${evidenceText(item)}`));
  for (const item of cause.missing || []) points.append(element("li", "lacks", `${t.missing}: ${typeof item === "string" ? item : item[language] || item["label_" + language] || item.what}`));
  box.append(head, points);
  return box;
}

function actionBox(action, on) {
  const box = element("div", "cause"), head = element("div", "cause-head");
  head.append(element("b", "", `${action.action} ${name(action, "name")}`), element("span", "tag", t["cost_" + action.cost_class]));
  box.append(head, element("p", "hint", name(action, "sentence")));
  box.append(facts([[t.department, name(action, "department")], [t.due, action.due ? day(action.due) : null]]));
  if (action.gain !== null && action.gain !== undefined) box.append(effect(action));
  if ((tryable(action).length || builds(action)) && may("plan")) box.append(button(t.show_effect, () => on.effect(action)));
  if (may("complaints")) box.append(followUp(action));
  return box;
}

function effect(action) {
  const box = element("div", "effect");
  box.append(element("span", "", `${t.gain} ${number(action.gain, 0)}`), element("span", "good", `+${number(action.gain_customers, 0)} ${t.better}`), element("span", "harm", `−${number(action.harm_customers, 0)} ${t.worse}`));
  if (action.complaints_avoided === null || action.complaints_avoided === undefined) return box;
  box.append(element("span", "", `${t.avoided} ${number(action.complaints_avoided)} (${number(action.avoided_low)} … ${number(action.avoided_high)})`));
  if (action.complaints_avoided <= 0) box.append(element("span", "warn", t.avoids_none));
  return box;
}
