/* One request with its evidence, what was refused, and the decisions that may be taken on it. */
import { bars } from "./charts.js";
import { button, className, config, element, errorText, facts, language, link, name, number, percent, placeName, post, t } from "./common.js";

const NEXT = { draft: [["submitted", t.submit], ["refused", t.refuse]], submitted: [["approved", t.approve], ["refused", t.refuse]], approved: [["built", t.mark_built], ["refused", t.refuse]], built: [], refused: [] };

export function detailOf(request, on) {
  const box = element("div", "card");
  box.append(element("h2", "", `${request.request_no} · ${placeName(request, "place")}`), element("p", "", name(request, "sentence")));
  box.append(decisions(request, on));
  box.append(element("h3", "", t.proposal), facts([
    [t.type, t["type_" + request.type] || request.type], [t.height, number(request.height_m, 0)], [t.azimuths, (request.azimuths || []).map((a) => number(a, 0)).join(" / ")], [t.band, number(request.band_mhz, 0)],
    [t.position, `${request.lat.toFixed(6)}, ${request.lon.toFixed(6)} (WGS-84)`], [t.ring, number(request.search_ring_m, 0) + " m"],
    [t.lifted, percent(request.lifted_share)], [t.gain, number(request.predicted_net_customers, 0)], [t.gain_gross, known(request.predicted_gain_customers)], [t.harmed, known(request.predicted_harm_customers)], [t.cost, number(request.cost)],
    ["RSRP P50 / P10", `${number(request.rsrp_p50_dbm, 0)} / ${number(request.rsrp_p10_dbm, 0)} dBm (${t["b_" + request.rsrp_basis] || request.rsrp_basis || ""})`],
    [t.tests, side(request.tests_done)], [t.site_notes, side(request.site_notes)], [t.risk, side(request.risk_notes)],
    [t.approver, request.approver], [t.reason, request.reason],
  ]));
  const terms = (request.priority_terms || []).map((term) => [t["pt_" + term.item] || term.item, term.points]);
  if (terms.length) box.append(element("h3", "", `${t.priority_terms} · ${number(request.priority)}`), bars(terms));
  const mix = Object.entries(request.classes || {}).map(([code, count]) => [className(code), count]);
  if (mix.length) box.append(element("h3", "", t.class_mix), bars(mix, true));
  if ((request.alternatives || []).length) {
    const list = element("ul"), left = [...(request.actions_tried || [])];
    for (const one of request.alternatives) list.append(element("li", "", [`${one.option} ${tried(one, left)}`.trim(), side(one["reason_" + language] || one.reason)].join(": ")));
    box.append(element("h3", "", t.alternatives), list);
  }
  box.append(element("h3", "", t.around), facts([
    [t.planned, (request.planned_nearby || []).slice(0, 3).map((s) => `${s.plan_no} ${number(s.distance_m, 0)} m ${s.expected_on_air || t["ps_" + s.status] || ""}`).join(", ")],
    [t.nearest_sites, (request.nearest_sites || []).slice(0, 3).map((s) => `${s.site} ${number(s.distance_m, 0)} m`).join(", ")],
    [t.hotspot, request.hotspot_id ? link(request.hotspot_id, "/#hotspot=" + encodeURIComponent(request.hotspot_id)) : null],
  ]));
  return box;
}

function known(value) { return value === null || value === undefined ? null : number(value, 0); }

/* Texts kept in both languages, "中文 / English": cut at the one stroke there is, else where only English follows. */
function side(text) {
  const halves = String(text || "").split(" / ");
  if (halves.length === 2) return halves[language === "zh" ? 0 : 1].trim();
  const found = /^(.*?[\u4e00-\u9fff].*?) \/ ([^\u4e00-\u9fff]*)$/s.exec(String(text || ""));
  return found ? found[language === "zh" ? 1 : 2].trim() : String(text || "");
}

/* Which cell was turned by how much; older results tell it in the list of actions alone, in the same order. */
function tried(one, left) {
  const at = one.changes ? -1 : left.findIndex((other) => other.action === one.option && other.net_customers === one.net_customers);
  const changes = one.changes || (at < 0 ? [] : left.splice(at, 1)[0].changes) || [];
  return changes.filter((c) => c.cgi && c.field).map((c) => `${c.cgi} ${t["ch_" + c.field] || c.field} ${number(c.from)}→${number(c.to)}`).join(", ");
}

function decisions(request, on) {
  const buttons = element("div", "buttons");
  if (!config.me.scopes.includes("plan")) return buttons;
  for (const [state, label] of NEXT[request.state] || []) buttons.append(button(label, () => decide(request, state, on, buttons), state === "refused" ? "" : "primary"));
  if (request.type !== "DAS") buttons.append(button(t.simulate, () => on.simulate(request)));
  return buttons;
}

function question(label) {
  const ask = document.getElementById("ask"), input = document.getElementById("ask-value");
  // Blanks are no answer: said in the dialog, before anything is sent.
  const check = () => input.setCustomValidity(input.value.trim() ? "" : t.needs_value);
  input.oninput = check;
  return new Promise((resolve) => {
    document.getElementById("ask-label").textContent = label;
    input.value = ask.returnValue = "";
    check();
    ask.onclose = () => resolve(ask.returnValue === "ok" ? input.value.trim() : null);
    ask.showModal();
  });
}

/* A decision counts for the version that is on the screen: the server compares entity tags. */
async function decide(request, state, on, where) {
  const change = { state };
  if (state === "refused") { change.reason = await question(t.ask_reason); if (!change.reason) return; }
  if (state === "approved") { change.by = config.me.local ? await question(t.ask_by) : config.me.name; if (!change.by) return; }
  const path = `/v1/site-requests/${encodeURIComponent(request.request_no)}`;
  try {
    const now = await fetch(path), tag = now.headers.get("ETag"), seen = await now.json();
    if (seen.state !== request.state) throw Object.assign(new Error(t.err_412), { status: 412, problem: { code: "changed" } });
    on.change(await post(path + "/state", change, tag ? { "If-Match": tag } : {}));
  } catch (error) {
    where.append(element("p", "error", errorText(error)));
    if (error.status === 412 || error.status === 409) where.append(button(t.reload, on.reload));
  }
}
