/* What a change of the network would do: cells turned, tilted, switched; sites added; before and after by a line. */
import { button, config, element, errorText, number, post, t } from "./common.js";

const at = (id) => document.getElementById(id);

export class WhatIf {
  constructor(geo) {
    this.geo = geo;
    this.changes = [];
    this.shown = false;
    const form = at("change"), field = form.elements.field;
    field.onchange = () => { const off = field.value === "status"; form.elements.value.hidden = off; form.elements.status.hidden = !off; };
    form.onsubmit = (event) => { event.preventDefault(); this._add(form); };
    at("compute").onclick = () => this.compute();
    at("forget").onclick = () => this.end();
  }

  /* Cells to choose from: those on the map. */
  offer(cells) {
    at("cells").replaceChildren(...cells.slice(0, 300).map((cell) => Object.assign(element("option", "", cell.cell_name || ""), { value: cell.cgi })));
  }

  _add(form) {
    const { cgi, field, value, status } = form.elements, given = field.value === "status" ? status.value : Number(value.value);
    if (field.value !== "status" && value.value === "") return value.focus();
    this.changes.push({ cgi: cgi.value.trim(), field: field.value, value: given });
    value.value = "";
    this._list();
  }

  /* A proposed site as new cells, one an azimuth. */
  site(request) {
    const kind = config.site_types[request.type] || config.site_types.micro;
    const azimuths = request.azimuths && request.azimuths.length ? request.azimuths : [null];
    azimuths.forEach((azimuth, i) => this.changes.push({ site: request.request_no, cell: {
      cgi: `${request.request_no}-${i + 1}`, lat: request.lat, lon: request.lon, frequency_mhz: request.band_mhz || 1815,
      height_m: request.height_m || Number(kind.height_m), azimuth_deg: azimuth, elec_tilt_deg: Number(kind.elec_tilt_deg),
      rs_power_dbm: Number(kind.rs_power_dbm), gain_dbi: Number(kind.gain_dbi),
    } }));
    at("what-if").open = true;
    this.geo.map.setView([request.lat, request.lon], 13.5, { animate: false });
    this._list();
    this.compute();
  }

  _list() {
    at("changes").replaceChildren(...this.changes.map((change, i) => {
      const said = change.cell ? `${t.new_site} ${change.cell.cgi}${change.cell.azimuth_deg === null ? "" : ` ${change.cell.azimuth_deg}°`}` : `${change.cgi}: ${t["ch_" + change.field]} → ${change.value}`;
      const line = element("li", "", said);
      line.append(button("×", () => { this.changes.splice(i, 1); this._list(); }));
      return line;
    }));
    at("compute").disabled = !this.changes.length;
  }

  async compute() {
    const said = at("outcome");
    said.className = "outcome";
    said.textContent = t.computing;
    const changes = this.changes.filter((change) => !change.cell), new_cells = this.changes.filter((change) => change.cell).map((change) => change.cell);
    try {
      const found = await post("/v1/what-if", { changes, new_cells });
      said.textContent = `${t.gain} ${number(found.customers_net, 0)} · +${number(found.customers_gained, 0)} ${t.better} · −${number(found.customers_lost, 0)} ${t.worse} (${number(found.customers_newly_overlapped, 0)} ${t.overlapped}) · ${found.hexes.length} ${t.hexes_changed}`;
      if (found.hexes.length) this._draw(found.hexes);
    } catch (error) { said.className = "outcome error"; said.textContent = errorText(error); }
  }

  _draw(rows) {
    const side = (key) => ({ measure: "rsrp", resolution: h3.getResolution(rows[0].hex), hexes: rows.map((row) => row.hex), values: rows.map((row) => row[key]) });
    this.shown = true;
    this.geo.compare({ view: side("rsrp_before_dbm"), label: t.before }, { view: side("rsrp_after_dbm"), label: t.after });
    at("forget").hidden = false;
  }

  end() {
    this.shown = false;
    this.changes = [];
    this._list();
    this.geo.endCompare();
    at("forget").hidden = true;
    at("outcome").textContent = "";
    this.geo.map.fire("moveend");
  }
}
