/* What is known about a place, as cards. */
import { bars } from "./charts.js";
import { button, className, day, element, errorText, facts, language, link, moment, name, number, percent, post, t } from "./common.js";
import { escalations } from "./desk-record.js";
import { causeBox } from "./map-hotspots.js";

export function candidates(fixes, choose, chosen) {
  const box = element("div", "places");
  box.append(element("span", "hint", t.candidates));
  fixes.forEach((fix, i) => {
    const label = (language === "en" && fix.label_en) || fix.label || `${fix.lat.toFixed(4)}, ${fix.lon.toFixed(4)}`;
    const one = button(`${label} · ${percent(fix.probability)}`, () => choose(fix));
    one.setAttribute("aria-pressed", String(fix === chosen));
    one.title = `Alt ${i + 1}`;
    box.append(one);
  });
  return box;
}

export function cards(found) {
  const grid = element("div", "answer-grid");
  grid.append(hotspot(found), coverage(found), outage(found), nearby(found), planned(found), causes(found));
  return grid;
}

/* Causes at this very place take some seconds: asked for when the handler wants to know. */
function causes(found) {
  const box = card(t.why_here), best = found.fixes[0];
  const ask = button(t.find_cause, async () => {
    const text = document.querySelector("textarea[name=text]").value.trim();
    ask.disabled = true;
    ask.textContent = t.computing_cause;
    try {
      const told = await post("/v1/diagnosis", { place: `${best.lat},${best.lon}`, ...(text ? { text } : {}) });
      const shown = told.causes.filter((cause) => cause.shown);
      ask.replaceWith(...(shown.length ? shown.map((cause, i) => causeBox(cause, i === 0)) : [element("p", "note", t.cause_open)]));
    } catch (error) { ask.replaceWith(element("p", "error", errorText(error))); }
  });
  box.append(ask);
  return box;
}

/* The ticket that was asked for, and the customer's others: who calls again says what was done before. */
export function tickets(found, asked) {
  const rows = found.tickets.map((one) => [day(one.accepted_at), [one.ticket_no, className(one.class), t["st_" + one.status] || one.status, one.result].filter(Boolean).join(" · ")]);
  const box = card(found.tickets.length > 1 ? t.earlier_tickets : t.kind_ticket, facts(rows));
  const flags = escalations(found.tickets);
  if (flags.length) { const line = element("p", "flags"); line.append(...flags); box.querySelector("h3").after(line); }
  for (const line of box.querySelectorAll("dd")) if (line.textContent.startsWith(asked)) line.style.fontWeight = "600";
  return box;
}

function card(title, ...content) {
  const box = element("section", "card");
  box.append(element("h3", "", title), ...content);
  return box;
}

function outage(found) {
  const one = found.outage;
  if (!one) return card(t.outage, element("p", "note", t.no_outage));
  return card(t.outage, facts([[one.planned ? t.planned_work : t.alarm, one.code], [t.at_site, one.object], [t.since, moment(one.from)], [t.until, one.to ? moment(one.to) : null]]));
}

/* How sure one is of not knowing is of no use to a customer. */
function causeOf(spot) {
  if (!spot.cause) return t.cause_open;
  const said = name(spot, "cause_name");
  return spot.cause === "K_UNKNOWN" ? said : `${said} (${percent(spot.confidence)})`;
}

function hotspot(found) {
  const one = found.hotspot;
  if (!one) return card(t.hotspot_here, element("p", "note", t.no_hotspot_here));
  return card(t.hotspot_here, facts([
    [t.rank, link(`${one.rank} (${one.id})`, "/#hotspot=" + encodeURIComponent(one.id))], [t.since, day(one.since)],
    [t.customers_n, number(one.customers, 0)], [t.cause, causeOf(one)],
    [t.action, one.action ? `${one.action} ${name(one, "action_name")}` : null], [t.due, one.due ? day(one.due) : null],
    [t.request, one.request ? `${one.request} · ${t[one.request_state] || one.request_state}` : null],
  ]));
}

function level(value, kind) {
  const line = element("span");
  line.append(`${number(value, 0)} dBm `);
  if (kind) line.append(element("span", "tag " + { hole: "bad", weak: "bad", weak_indoors: "warn", fine: "good" }[kind], t["level_" + kind]));
  return line;
}

function coverage(found) {
  const one = found.coverage;
  if (!one) return card(t.coverage_here, element("p", "note", t.no_coverage_data));
  const cells = found.serving.slice(0, 3).map((cell) => [cell.cgi, [percent(cell.probability), cell.distance_m === null ? "" : `${number(cell.distance_m, 0)} m`].filter(Boolean).join(" · ")]);
  const box = card(t.coverage_here, facts([
    [t.outdoor, level(one.rsrp_dbm, one.level)], [t.indoor, one.rsrp_indoor_dbm === null ? null : `${number(one.rsrp_indoor_dbm, 0)} dBm`],
    [t.basis, `${t["b_" + one.basis]}${one.samples ? ` (n = ${number(one.samples, 0)})` : ""} ± ${number(one.sigma_db, 0)} dB`],
    ["SINR", one.sinr_db === null || one.sinr_db === undefined ? null : number(one.sinr_db, 0) + " dB"],
  ]));
  if (cells.length) box.append(element("p", "sub", t.serving_cells), facts(cells));
  return box;
}

function nearby(found) {
  const one = found.complaints_nearby, title = `${t.nearby} (${number(one.radius_m, 0)} m, ${one.days} ${t.unit_day})`;
  if (!one.contacts) return card(title, element("p", "note", t.nearby_none));
  const classes = Object.entries(one.classes).slice(0, 5).map(([code, count]) => [className(code), count]);
  const box = card(title, element("p", "", `${number(one.customers, 0)} ${t.customers} · ${number(one.contacts, 0)} ${t.contacts} · ${t.last} ${day(one.last)}`), bars(classes));
  const results = Object.entries(one.results || {});
  if (results.length) box.append(element("p", "sub", t.results), facts(results.map(([said, count]) => [said, number(count, 0)])));
  return box;
}

function planned(found) {
  if (!found.planned_sites.length) return card(t.planned, element("p", "note", t.no_planned));
  return card(t.planned, facts(found.planned_sites.slice(0, 4).map((site) => [
    site.plan_no,
    [`${number(site.distance_m, 0)} m`, t["type_" + site.type] || site.type, t["ps_" + site.status] || site.status, site.expected_on_air].filter(Boolean).join(" · "),
  ])));
}
