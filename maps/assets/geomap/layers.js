/* What lies on the hexes: hotspots, sectors, requests, names, alarms, measured levels, planned sites, footprints. */
(function () {
  "use strict";
  const { colourOf, dayIn, element, number, placeName, pValue, rows } = window.GeoMap;
  const DARK_RAT_COLOURS = { NR: "#f497c8", LTE: "#a9c1ff", UMTS: "#93d9b4", GSM: "#c6cbd2", CDMA: "#e3c28c" };
  const RAT_COLOURS = { NR: "#aa3377", LTE: "#33539e", UMTS: "#4d8f6c", GSM: "#6b6b6b", CDMA: "#8a6d3b" };
  const SEVERITY_COLOURS = { critical: "#b3261e", major: "#d9730d", minor: "#b58900", warning: "#6b7785" };

  function popup(title, ...content) {
    const box = element("div", "gm-popup");
    box.append(element("h3", "", title), ...content);
    return box;
  }

  function hotspotPopup(spot, texts, language, zone) {
    const cause = spot["cause_name_" + language], action = spot.actions && spot.actions[0];
    const risk = number(spot.relative_risk) + (spot.risk_low ? " (" + number(spot.risk_low) + "–" + number(spot.risk_high) + ")" : "");
    return popup("#" + spot.rank + " · " + (placeName(spot, "place", language) || spot.id),
      element("p", "", spot["sentence_" + language] || ""),
      rows([
        [texts.customers, number(spot.customers, 0)], [texts.expected, number(spot.expected)],
        [texts.relative_risk, risk], [texts.p_value, pValue(spot.p_value)],
        [texts.period, dayIn(zone, spot.from) + " – " + dayIn(zone, spot.to, 1000)],
        [texts.cause, cause ? cause + " (" + Math.round(100 * spot.confidence) + " %)" : null],
        [texts.action, action ? action.action + " " + action["name_" + language] : null],
        [texts.precise, spot.precise_share === null || spot.precise_share === undefined ? null : Math.round(100 * spot.precise_share) + " %"],
      ]), mix(spot, texts, language));
  }

  function mix(spot, texts, language) {
    const box = element("div", "gm-mix"), classes = Object.entries(spot.classes || {}).sort((a, b) => b[1] - a[1]);
    if (!classes.length) return box;
    box.append(element("div", "gm-quiet", texts.classes));
    const most = classes[0][1];
    for (const [code, count] of classes.slice(0, 6)) {
      const line = element("div", "gm-bar"), bar = element("span", "gm-bar-fill");
      bar.style.width = Math.max(4, (70 * count) / most) + "px";
      const names = spot.class_names && spot.class_names[code];
      line.append(element("span", "gm-bar-name", names ? names["name_" + language] : code), bar, element("span", "", number(count, 0)));
      box.append(line);
    }
    return box;
  }

  function isDark() { return document.documentElement.dataset.theme === "dark"; }

  function outlineColour() { return isDark() ? "#ff8f9f" : "#7a0019"; }

  /* `live` pages open their own panel instead of a popup. */
  function hotspotLayer(spots, texts, language, zone, live) {
    const group = L.featureGroup(), byId = new Map();
    for (const spot of spots) {
      const part = L.featureGroup();
      if (spot.outline) {
        L.geoJSON(spot.outline, { style: { color: outlineColour(), weight: 2.5, fill: true, fillOpacity: 0.02 } }).addTo(part);
      }
      const marker = L.marker([spot.lat, spot.lon], {
        icon: L.divIcon({ className: "gm-rank", html: element("span", "", spot.rank), iconSize: [26, 26] }),
        keyboard: true, title: "#" + spot.rank + " " + placeName(spot, "place", language), riseOnHover: true,
      }).addTo(part);
      part.marker = marker;
      part.spot = spot;
      if (live) {
        part.on("click", () => live.select(spot.id));
        part.on("mouseover", () => live.hover(spot.id)).on("mouseout", () => live.hover(null));
      } else part.bindPopup(() => hotspotPopup(spot, texts, language, zone), { maxWidth: 340, minWidth: 240 });
      byId.set(spot.id, part);
      part.addTo(group);
    }
    group.byId = byId;
    return group;
  }

  /* Sectors grow with the zoom, so that they are neither specks nor blankets. */
  function wedge(cell, metres) {
    const width = Math.min(cell.hbw_deg || 65, 120), corners = [[cell.lat, cell.lon]];
    const east = metres / (111320 * Math.cos((cell.lat * Math.PI) / 180)), north = metres / 111320;
    for (let i = 0; i <= 8; i++) {
      const angle = ((cell.azimuth_deg - width / 2 + (width * i) / 8) * Math.PI) / 180;
      corners.push([cell.lat + north * Math.cos(angle), cell.lon + east * Math.sin(angle)]);
    }
    return corners;
  }

  function cellLayer(cells, texts, renderer, metres, onCell) {
    const group = L.featureGroup();
    for (const cell of cells) {
      const colour = (isDark() ? DARK_RAT_COLOURS : RAT_COLOURS)[cell.rat] || (isDark() ? "#c6cbd2" : "#555555");
      const style = { renderer, color: colour, weight: 1, opacity: 0.8, fillColor: colour, fillOpacity: 0.28, pane: "gm-cells" };
      const known = cell.azimuth_deg !== null && cell.azimuth_deg !== undefined && !cell.indoor;
      const reach = cell.frequency_mhz > 2400 ? 0.75 * metres : metres;
      const shape = known ? L.polygon(wedge(cell, reach), style) : L.circleMarker([cell.lat, cell.lon], { ...style, radius: 4 });
      shape.bindPopup(() => cellPopup(cell, known, texts, onCell));
      shape.addTo(group);
    }
    return group;
  }

  function cellPopup(cell, known, texts, onCell) {
    const tilt = [cell.mech_tilt_deg, cell.elec_tilt_deg].map((v) => number(v)).join(" + ");
    const box = popup(cell.cell_name || cell.cgi, rows([
      ["CGI", cell.cgi], [texts.site, cell.site_name || cell.site_id],
      [texts.frequency, cell.frequency_mhz ? cell.rat + " " + number(cell.frequency_mhz) + " MHz" : cell.rat],
      [texts.azimuth, known ? number(cell.azimuth_deg, 0) + "°" : texts.assumed_azimuth],
      [texts.height, cell.height_m ? number(cell.height_m, 0) + " m" : null],
      [texts.tilt, cell.mech_tilt_deg === null && cell.elec_tilt_deg === null ? null : tilt + "°"],
    ]));
    if (onCell) {
      const button = element("button", "", texts.footprint);
      button.type = "button";
      button.onclick = () => onCell(cell.cgi);
      box.append(button);
    }
    return box;
  }

  function requestLayer(requests, texts, language, onSelect) {
    const group = L.featureGroup();
    for (const request of requests) {
      L.circle([request.lat, request.lon], { radius: request.search_ring_m || 100, color: "#0b7a4b", weight: 2, dashArray: "5 5", fillOpacity: 0.06 }).addTo(group);
      const marker = L.circleMarker([request.lat, request.lon], { radius: 7, color: "#0b7a4b", weight: 3, fillColor: "#ffffff", fillOpacity: 1 });
      if (onSelect) marker.on("click", () => onSelect(request.request_no));
      else marker.bindPopup(() => popup(request.request_no, element("p", "", request["sentence_" + language] || ""), rows([
        [texts.type, request.type], [texts.priority, number(request.priority) + " / 100"],
        [texts.ring, number(request.search_ring_m, 0) + " m"],
      ])));
      marker.bindTooltip(request.request_no, { direction: "top", offset: [0, -6], className: "gm-tip" });
      marker.addTo(group);
    }
    return group;
  }

  /* Important names first; a name that would cover another is left out. */
  function placeLayer(places, map, language) {
    const group = L.layerGroup(), taken = [];
    for (const place of [...places].sort((a, b) => (b.size || 1) - (a.size || 1))) {
      const text = (language === "en" && place.name_en) || String(place.name);
      const wide = [...text].reduce((sum, letter) => sum + (letter > "\u2e80" ? 12 : 6.5), 0);
      const at = map.latLngToContainerPoint([place.lat, place.lon]), half = wide / 2 + 6;
      const box = [at.x - half, at.y - 11, at.x + half, at.y + 11];
      if (taken.some((b) => b[0] < box[2] && box[0] < b[2] && b[1] < box[3] && box[1] < b[3])) continue;
      taken.push(box);
      const icon = L.divIcon({ className: "gm-place gm-place-" + (place.size || 1), html: element("span", "", text), iconSize: null });
      L.marker([place.lat, place.lon], { interactive: false, keyboard: false, pane: "gm-places", icon }).addTo(group);
    }
    return group;
  }

  /* One triangle a place: the gravest alarm colours it, the popup lists them all. */
  function alarmLayer(alarms, texts, zone) {
    const group = L.featureGroup(), places = new Map();
    for (const alarm of alarms) {
      const key = alarm.lat + "," + alarm.lon;
      places.set(key, [...(places.get(key) || []), alarm]);
    }
    for (const found of places.values()) {
      const first = found.find((a) => a.active && a.service_affecting) || found[0];
      const sign = element("span", first.active ? "gm-active" : "");
      sign.style.borderBottomColor = SEVERITY_COLOURS[first.severity] || "#6b7785";
      const icon = L.divIcon({ className: "gm-alarm", html: sign, iconSize: [18, 16] });
      const list = element("ul");
      for (const alarm of found.slice(0, 8)) {
        const until = alarm.active ? texts.active : dayIn(zone, alarm.to);
        list.append(element("li", "", `${alarm.code} · ${dayIn(zone, alarm.from)} – ${until}${alarm.planned ? " · " + texts.planned_work : ""}${alarm.service_affecting ? " · " + texts.affecting : ""}`));
      }
      L.marker([first.lat, first.lon], { icon, keyboard: true, title: first.code }).bindPopup(popup(first.site_name || first.object, list)).addTo(group);
    }
    return group;
  }

  function levelLayer(levels, scale, renderer) {
    const group = L.featureGroup();
    for (const level of levels) {
      const colour = colourOf(scale, level.rsrp_dbm) || "#888888";
      L.circleMarker([level.lat, level.lon], { renderer, pane: "gm-cells", radius: 3.5, weight: 0.75, color: "#ffffff", fillColor: colour, fillOpacity: 0.95 })
        .bindTooltip(() => `${number(level.rsrp_dbm, 0)} dBm · n = ${number(level.samples, 0)}`, { className: "gm-tip" }).addTo(group);
    }
    return group;
  }

  function plannedLayer(sites, texts) {
    const group = L.featureGroup();
    for (const site of sites) {
      const icon = L.divIcon({ className: "gm-planned", html: element("span"), iconSize: [16, 16] });
      const facts = rows([
        [texts.status, texts["ps_" + site.status] || site.status], [texts.type, texts["type_" + site.type] || site.type],
        [texts.on_air, site.expected_on_air], [texts.frequency, site.bands && site.bands.replaceAll("|", ", ")],
        [texts.height, site.height_m ? number(site.height_m, 0) + " m" : null],
      ]);
      L.marker([site.lat, site.lon], { icon, keyboard: true, title: site.plan_no }).bindPopup(popup(site.plan_no, facts)).addTo(group);
    }
    return group;
  }

  Object.assign(window.GeoMap, {
    alarmLayer, cellLayer, hotspotLayer, levelLayer, placeLayer, plannedLayer, popup, requestLayer,
  });
})();
