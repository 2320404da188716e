/* What a budget buys: solved anew on the server for every budget, drawn on the map, told in one sentence. */
import { element, get, number, percent, t } from "./common.js";

let layer = null, asked = 0;

/* Draw the plan; answers which type it builds at which request, null when a newer budget was asked for meanwhile. */
export async function showPlan(geo, budget) {
  const mine = ++asked, box = document.getElementById("plan");
  box.hidden = false;
  box.classList.add("waiting");
  if (!box.childElementCount) box.append(element("p", "hint", t.loading));
  const plan = await get("/v1/site-plan?budget=" + budget);
  const numbers = new Set(plan.sites.map((site) => site.request_no).filter(Boolean));
  if (mine !== asked) return null;
  box.classList.remove("waiting");
  box.replaceChildren(...told(plan, numbers));
  draw(geo, plan);
  return new Map(plan.sites.map((site) => [site.request_no || site.other_type_request_no, site.type]));
}

/* An amount of money in units of the price list. */
export function units(amount) { return `${number(amount)} ${amount === 1 ? t.unit : t.units}`; }

function told(plan, numbers) {
  const meter = element("meter"), kinds = {};
  for (const site of plan.sites) kinds[site.type] = (kinds[site.type] || 0) + 1;
  const sites = Object.entries(kinds).map(([kind, count]) => `${count} × ${t["type_" + kind] || kind}`).join(" + ");
  Object.assign(meter, { min: 0, max: 1, value: plan.covered_share });
  meter.setAttribute("aria-label", t.reached);
  return [
    element("h3", "", `${t.plan_for} ${units(plan.budget)}`),
    element("p", "big", `${sites || t.nothing} → ${percent(plan.covered_share)} ${t.reached}`),
    meter,
    element("p", "hint", `${number(plan.customers, 0)} / ${number(plan.customers_weak, 0)} ${t.customers} · ${t.gain} ${number(plan.net_customers, 0)} (+${number(plan.gain_customers, 0)} / −${number(plan.harm_customers, 0)}) · ${t.cost} ${number(plan.cost, 0)} · ${t.bound} ${percent(plan.bound)} · ${numbers.size} ${t.of_requests}, ${plan.sites.length - numbers.size} ${plan.sites.length - numbers.size === 1 ? t.further_1 : t.further}`),
  ];
}

function draw(geo, plan) {
  if (layer) layer.remove();
  layer = L.featureGroup(plan.sites.map((site) => {
    const known = Boolean(site.request_no), colour = known ? "#0b7a4b" : "#5b2a86";
    const lifted = L.polygon(site.hexes.map((hex) => h3.cellToBoundary(hex)), { color: colour, weight: 1, fillColor: colour, fillOpacity: 0.12, interactive: false });
    const marker = L.circleMarker([site.lat, site.lon], { radius: 5, color: "#ffffff", weight: 1.5, fillColor: colour, fillOpacity: 1 });
    marker.bindTooltip(`${site.request_no || t.further_site} · ${t["type_" + site.type] || site.type} · ${units(site.cost)}`, { className: "gm-tip" });
    return L.featureGroup([lifted, marker]);
  })).addTo(geo.map);
}
