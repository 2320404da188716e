/* The layers of a complaint map on Leaflet and h3-js; the same file drives the live page and the exported one.
   Data reach the page as JSON and become text nodes and canvas strokes: no markup is ever built from them. */
(function () {
  "use strict";

  const FEW = "#c9ced6";

  /* --- small helpers ------------------------------------------------------------------------ */

  function element(tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined && text !== null) node.textContent = String(text);
    return node;
  }

  function rows(pairs) {
    const list = element("dl", "gm-facts");
    for (const [term, value] of pairs) {
      if (value === null || value === undefined || value === "") continue;
      list.append(element("dt", "", term), element("dd", "", value));
    }
    return list;
  }

  function number(value, digits) {
    if (value === null || value === undefined) return "–";
    return Number(value).toLocaleString(undefined, { maximumFractionDigits: digits === undefined ? 1 : digits });
  }

  function pValue(p) { return p < 0.001 ? "< 0.001" : Number(p).toFixed(3); }

  function hash(text) {
    let h = 2166136261;
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
    return h >>> 0;
  }

  function colourOf(scale, value) {
    if (value === null || value === undefined) return null;
    if (scale.categories.length) {
      const i = scale.categories.findIndex(([code]) => code === value);
      return i < 0 ? null : scale.colours[i];
    }
    if (scale.low !== null && value < scale.low) return null;
    if (!scale.breaks.length) return scale.colours[hash(String(value)) % scale.colours.length];
    let i = 0;
    while (i < scale.breaks.length && value >= scale.breaks[i]) i++;
    return scale.colours[i];
  }

  /* --- hexes on a canvas -------------------------------------------------------------------- */

  const HexLayer = L.Layer.extend({
    initialize(scale, texts) {
      this._scale = scale;
      this._texts = texts;
      this._values = new Map();
      this._shapes = new Map();
      this._resolution = null;
    },

    onAdd(map) {
      this._map = map;
      this._canvas = L.DomUtil.create("canvas", "gm-hexes leaflet-zoom-hide");
      map.getPane("gm-hexes").appendChild(this._canvas);
      map.on("moveend zoomend resize", this._draw, this);
      map.on("mousemove", this._hover, this);
      map.on("mouseout", this._leave, this);
      this._draw();
    },

    onRemove(map) {
      this._canvas.remove();
      map.off("moveend zoomend resize", this._draw, this);
      map.off("mousemove", this._hover, this);
      map.off("mouseout", this._leave, this);
      this._leave();
    },

    setData(view, scale) {
      this._scale = scale;
      this._resolution = view.resolution;
      this._values = new Map();
      view.hexes.forEach((hex, i) => this._values.set(hex, [view.values[i], view.few ? view.few[i] : false]));
      if (this._shapes.size > 20000) this._shapes.clear();
      if (this._map) this._draw();
    },

    at(latlng) {
      if (this._resolution === null) return null;
      const hex = h3.latLngToCell(latlng.lat, latlng.lng, this._resolution);
      return this._values.has(hex) ? { hex, value: this._values.get(hex)[0], few: this._values.get(hex)[1] } : null;
    },

    _shape(hex) {
      let shape = this._shapes.get(hex);
      if (!shape) {
        const ring = h3.cellToBoundary(hex);
        // A hex across the antimeridian is drawn on its own side instead of round the world.
        const first = ring[0][1];
        shape = ring.map(([lat, lng]) => L.latLng(lat, lng - first > 180 ? lng - 360 : lng - first < -180 ? lng + 360 : lng));
        this._shapes.set(hex, shape);
      }
      return shape;
    },

    _draw() {
      const map = this._map, size = map.getSize(), ratio = window.devicePixelRatio || 1;
      const canvas = this._canvas, context = canvas.getContext("2d");
      L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]));
      canvas.width = size.x * ratio; canvas.height = size.y * ratio;
      canvas.style.width = size.x + "px"; canvas.style.height = size.y + "px";
      context.scale(ratio, ratio);
      context.lineWidth = 0.75;
      context.strokeStyle = "rgba(255,255,255,0.65)";
      for (const [hex, [value, few]] of this._values) {
        const colour = few && value === null ? FEW : colourOf(this._scale, value);
        if (!colour) continue;
        context.beginPath();
        this._shape(hex).forEach((corner, i) => {
          const point = map.latLngToContainerPoint(corner);
          if (i) context.lineTo(point.x, point.y); else context.moveTo(point.x, point.y);
        });
        context.closePath();
        context.globalAlpha = 0.72;
        context.fillStyle = colour;
        context.fill();
        context.globalAlpha = 1;
        context.stroke();
      }
    },

    _hover(event) {
      const found = this.at(event.latlng);
      if (!found) return this._leave();
      const text = found.few && found.value === null ? this._texts.few : this._label(found.value);
      if (!this._tip) this._tip = L.tooltip({ direction: "top", offset: [0, -6], className: "gm-tip", opacity: 1 });
      const body = element("div");
      body.append(element("strong", "", text), element("div", "gm-quiet", this._scale.title));
      this._tip.setLatLng(event.latlng).setContent(body).addTo(this._map);
    },

    _label(value) {
      if (this._scale.categories.length) {
        const found = this._scale.categories.find(([code]) => code === value);
        return found ? found[1] : String(value);
      }
      return typeof value === "number" ? number(value, 1) + " " + this._scale.unit : String(value);
    },

    _leave() {
      if (this._tip) { this._tip.remove(); this._tip = null; }
    },
  });

  /* --- legend ------------------------------------------------------------------------------- */

  const Legend = L.Control.extend({
    onAdd() {
      this._box = element("div", "gm-legend leaflet-bar");
      L.DomEvent.disableClickPropagation(this._box);
      return this._box;
    },

    show(scale, texts, hasFew) {
      this._box.replaceChildren(element("div", "gm-legend-title", scale.title));
      if (scale.unit) this._box.append(element("div", "gm-quiet", scale.unit));
      for (const [colour, label] of this._entries(scale, texts)) this._box.append(this._entry(colour, label));
      if (hasFew) this._box.append(this._entry(FEW, texts.few));
    },

    _entries(scale, texts) {
      if (scale.categories.length) return scale.categories.map(([, label], i) => [scale.colours[i], label]);
      if (!scale.breaks.length) return [];
      const marks = scale.breaks, entries = [];
      for (let i = marks.length; i >= 0; i--) {
        const low = i ? marks[i - 1] : scale.low, next = i < marks.length ? marks[i] : null;
        const high = next !== null && scale.whole ? next - 1 : next;
        const label = low === null ? texts.under + " " + number(high, 2)
          : high === null ? number(low, 2) + " " + texts.from_up : number(low, 2) + " – " + number(high, 2);
        entries.push([scale.colours[i], label]);
      }
      return entries;
    },

    _entry(colour, label) {
      const line = element("div", "gm-legend-row");
      const swatch = element("span", "gm-swatch");
      swatch.style.background = colour;
      line.append(swatch, element("span", "", label));
      return line;
    },
  });

  /* --- hotspots, sectors, requests, names ---------------------------------------------------- */

  /* Days in the operator's zone; the end of a period is the first moment after it. */
  function dayIn(zone, text, back) {
    if (!text) return "–";
    return new Date(new Date(text).getTime() - (back || 0)).toLocaleDateString("sv-SE", { timeZone: zone });
  }

  function hotspotPopup(spot, texts, language, zone) {
    const box = element("div", "gm-popup");
    box.append(element("h3", "", "#" + spot.rank + " · " + spot.id));
    box.append(element("p", "", spot["sentence_" + language] || ""));
    const cause = spot["cause_name_" + language];
    const action = spot.actions && spot.actions[0];
    const risk = number(spot.relative_risk) + (spot.risk_low ? " (" + number(spot.risk_low) + "–" + number(spot.risk_high) + ")" : "");
    box.append(rows([
      [texts.customers, number(spot.customers, 0)],
      [texts.expected, number(spot.expected)],
      [texts.relative_risk, risk],
      [texts.p_value, pValue(spot.p_value)],
      [texts.period, dayIn(zone, spot.from) + " – " + dayIn(zone, spot.to, 1000)],
      [texts.cause, cause ? cause + " (" + Math.round(100 * spot.confidence) + " %)" : null],
      [texts.action, action ? action.action + " " + action["name_" + language] : null],
      [texts.precise, Math.round(100 * spot.precise_share) + " %"],
    ]));
    box.append(mix(spot, texts, language));
    return box;
  }

  function mix(spot, texts, language) {
    const box = element("div", "gm-mix");
    const classes = Object.entries(spot.classes || {}).sort((a, b) => b[1] - a[1]);
    if (!classes.length) return box;
    box.append(element("div", "gm-quiet", texts.classes));
    const most = classes[0][1];
    for (const [code, count] of classes.slice(0, 6)) {
      const line = element("div", "gm-bar");
      const bar = element("span", "gm-bar-fill");
      bar.style.width = Math.max(4, (70 * count) / most) + "px";
      const names = spot.class_names && spot.class_names[code];
      line.append(element("span", "gm-bar-name", names ? names["name_" + language] : code), bar, element("span", "", number(count, 0)));
      box.append(line);
    }
    return box;
  }

  function hotspotLayer(spots, texts, language, zone, onSelect) {
    const group = L.featureGroup(), byId = new Map();
    for (const spot of spots) {
      const part = L.featureGroup();
      if (spot.outline) {
        L.geoJSON(spot.outline, { style: { className: "gm-outline", color: "#7a0019", weight: 2.5, fill: true, fillOpacity: 0.04 } }).addTo(part);
      }
      const badge = element("span", "", spot.rank);
      L.marker([spot.lat, spot.lon], {
        icon: L.divIcon({ className: "gm-rank", html: badge, iconSize: [26, 26] }),
        keyboard: true, title: "#" + spot.rank, riseOnHover: true,
      }).addTo(part);
      part.bindPopup(() => hotspotPopup(spot, texts, language, zone), { maxWidth: 340, minWidth: 240 });
      part.on("click", () => onSelect && onSelect(spot.id));
      byId.set(spot.id, part);
      part.addTo(group);
    }
    group.byId = byId;
    return group;
  }

  function wedge(cell, metres) {
    const width = Math.min(cell.hbw_deg || 65, 120), corners = [[cell.lat, cell.lon]];
    const east = metres / (111320 * Math.cos((cell.lat * Math.PI) / 180)), north = metres / 111320;
    for (let i = 0; i <= 8; i++) {
      const angle = ((cell.azimuth_deg - width / 2 + (width * i) / 8) * Math.PI) / 180;
      corners.push([cell.lat + north * Math.cos(angle), cell.lon + east * Math.sin(angle)]);
    }
    return corners;
  }

  const RAT_COLOURS = { NR: "#aa3377", LTE: "#33539e", UMTS: "#4d8f6c", GSM: "#6b6b6b", CDMA: "#8a6d3b" };

  function cellLayer(cells, texts, renderer) {
    const group = L.featureGroup();
    for (const cell of cells) {
      const colour = RAT_COLOURS[cell.rat] || "#555555";
      const style = { renderer, color: colour, weight: 1, fillColor: colour, fillOpacity: 0.35, pane: "gm-cells" };
      const known = cell.azimuth_deg !== null && cell.azimuth_deg !== undefined && !cell.indoor;
      const shape = known ? L.polygon(wedge(cell, cell.frequency_mhz > 2400 ? 110 : 150), style) : L.circleMarker([cell.lat, cell.lon], { ...style, radius: 4 });
      shape.bindPopup(() => {
        const box = element("div", "gm-popup");
        const tilt = [cell.mech_tilt_deg, cell.elec_tilt_deg].map((v) => number(v)).join(" + ");
        box.append(element("h3", "", cell.cell_name || cell.cgi));
        box.append(rows([
          ["CGI", cell.cgi], [texts.site, cell.site_name || cell.site_id],
          [texts.frequency, cell.frequency_mhz ? cell.rat + " " + number(cell.frequency_mhz) + " MHz" : cell.rat],
          [texts.azimuth, known ? number(cell.azimuth_deg, 0) + "°" : texts.assumed_azimuth],
          [texts.height, cell.height_m ? number(cell.height_m, 0) + " m" : null],
          [texts.tilt, cell.mech_tilt_deg === null && cell.elec_tilt_deg === null ? null : tilt + "°"],
        ]));
        return box;
      });
      shape.addTo(group);
    }
    return group;
  }

  function requestLayer(requests, texts, language) {
    const group = L.featureGroup();
    for (const request of requests) {
      L.circle([request.lat, request.lon], { radius: request.search_ring_m || 100, color: "#0b7a4b", weight: 2, dashArray: "5 5", fillOpacity: 0.06 }).addTo(group);
      const marker = L.circleMarker([request.lat, request.lon], { radius: 6, color: "#0b7a4b", weight: 2, fillColor: "#ffffff", fillOpacity: 1 });
      marker.bindPopup(() => {
        const box = element("div", "gm-popup");
        box.append(element("h3", "", request.request_no), element("p", "", request["sentence_" + language] || ""));
        box.append(rows([
          [texts.type, request.type], [texts.priority, number(request.priority) + " / 100"],
          [texts.ring, number(request.search_ring_m, 0) + " m"],
        ]));
        return box;
      });
      marker.addTo(group);
    }
    return group;
  }

  /* Important names first; a name that would cover another is left out. */
  function placeLayer(places, map) {
    const group = L.layerGroup(), taken = [];
    for (const place of [...places].sort((a, b) => (b.size || 1) - (a.size || 1))) {
      const at = map.latLngToContainerPoint([place.lat, place.lon]), half = 7 * String(place.name).length + 4;
      const box = [at.x - half, at.y - 10, at.x + half, at.y + 10];
      if (taken.some((b) => b[0] < box[2] && box[0] < b[2] && b[1] < box[3] && box[1] < b[3])) continue;
      taken.push(box);
      const name = element("span", "", place.name);
      L.marker([place.lat, place.lon], { interactive: false, keyboard: false, pane: "gm-places", icon: L.divIcon({ className: "gm-place gm-place-" + (place.size || 1), html: name, iconSize: null }) }).addTo(group);
    }
    return group;
  }

  /* --- the map as a whole -------------------------------------------------------------------- */

  class GeoMap {
    constructor(map, options) {
      this.map = map;
      this.options = options;
      this.texts = options.texts;
      this.measure = options.measure || "customers";
      this.classGroup = options.class_group || "all";
      this._listeners = {};
      this._panes();
      this.hexes = new HexLayer(this.scale(), this.texts).addTo(map);
      this.legend = new Legend({ position: "bottomleft" }).addTo(map);
      this.layers = L.control.layers(null, {}, { collapsed: map.getSize().x < 700, position: "topright" }).addTo(map);
      this.layers.addOverlay(this.hexes, this.texts.hexes);
      L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
      map.attributionControl.setPrefix("Leaflet").addAttribution(options.attribution || this.texts.attribution);
      map.on("click", (event) => this._emit("hex", { latlng: event.latlng, found: this.hexes.at(event.latlng) }));
    }

    scale() { return this.options.scales[this.measure]; }

    on(name, listener) { (this._listeners[name] = this._listeners[name] || []).push(listener); return this; }

    _emit(name, detail) { (this._listeners[name] || []).forEach((listener) => listener(detail)); }

    _panes() {
      const order = { "gm-hexes": 340, "gm-places": 410, "gm-cells": 420 };
      for (const [name, z] of Object.entries(order)) {
        const pane = this.map.createPane(name);
        pane.style.zIndex = z;
        if (name !== "gm-cells") pane.style.pointerEvents = "none";
      }
      this._renderer = L.canvas({ pane: "gm-cells", padding: 0.3, tolerance: 4 });
    }

    showHexes(view) {
      this.hexes.setData(view, this.scale());
      this.legend.show(this.scale(), this.texts, (view.few || []).some((few, i) => few && view.values[i] === null));
    }

    showHotspots(spots) {
      this._swap("_hotspots", hotspotLayer(spots, this.texts, this.options.language, this.options.timezone, (id) => this._emit("hotspot", id)), this.texts.hotspots, true);
    }

    showCells(cells, visible) { this._swap("_cells", cellLayer(cells, this.texts, this._renderer), this.texts.cells, visible); }

    showRequests(requests, visible) { this._swap("_requests", requestLayer(requests, this.texts, this.options.language), this.texts.requests, visible); }

    showPlaces(places) { this._swap("_places", placeLayer(places, this.map), this.texts.places, true); }

    focusHotspot(id, open) {
      const part = this._hotspots && this._hotspots.byId.get(id);
      if (!part) return;
      this.map.fitBounds(part.getBounds().pad(1.2), { maxZoom: 15, animate: false });
      if (open) part.openPopup();
    }

    pin(lat, lon, radius) {
      if (this._pin) this._pin.remove();
      this._pin = L.featureGroup([
        L.circle([lat, lon], { radius: radius || 50, color: "#0f62fe", weight: 1.5, fillOpacity: 0.08 }),
        L.circleMarker([lat, lon], { radius: 7, color: "#ffffff", weight: 2, fillColor: "#0f62fe", fillOpacity: 1 }),
      ]).addTo(this.map);
    }

    _swap(slot, layer, name, visible) {
      const old = this[slot], shown = old ? this.map.hasLayer(old) : visible !== false;
      if (old) { this.layers.removeLayer(old); old.remove(); }
      this[slot] = layer;
      this.layers.addOverlay(layer, name);
      if (shown) layer.addTo(this.map);
    }
  }

  /* Exported file: the document holds one view per resolution, small counts already hidden. */
  function fromDocument(map, data) {
    const view = new GeoMap(map, data.options);
    const levels = data.hexes, resolutions = levels.map((level) => level.resolution);
    const wanted = (zoom) => [1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 6, 7, 8, 8, 9, 9, 10, 11, 11, 12][Math.max(0, Math.min(19, Math.round(zoom)))];
    let shown = null;
    const draw = () => {
      if (!levels.length) return;
      const target = Math.max(Math.min(...resolutions), Math.min(Math.max(...resolutions), wanted(map.getZoom())));
      const level = levels.find((one) => one.resolution === target);
      if (level === shown) return;
      shown = level;
      view.showHexes(level);
    };
    map.on("zoomend", draw);
    draw();
    view.showPlaces(data.places);
    view.showCells(data.cells, data.cells.length < 3000);
    view.showRequests(data.requests, true);
    view.showHotspots(data.hotspots);
    if (!data.hotspots.length) map.attributionControl.addAttribution(view.texts.none_found);
    return view;
  }

  window.GeoMap = { GeoMap, fromDocument, element, rows, number, pValue, colourOf };
})();
