/* The map as a whole: panes, layers under one control, comparison by a line, the exported document. */
(function () {
  "use strict";
  const G = window.GeoMap, { element } = G;
  const SECTOR_ZOOM = 13;
  const RESOLUTIONS = [1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 6, 7, 8, 8, 9, 9, 10, 11, 11, 12];
  const PANES = { "gm-hexes": 340, "gm-places": 410, "gm-cells": 420 };

  class GeoMap {
    constructor(map, options) {
      this.map = map;
      this.options = options;
      this.texts = options.texts;
      this.measure = options.measure || "customers";
      this._listeners = {};
      this._slots = {};
      this._visible = {};
      this._panes();
      this.hexes = new G.HexLayer(this.scale(), this.texts).addTo(map);
      this.legend = new G.Legend({ position: "bottomleft" }).addTo(map);
      if (window.innerWidth < 1000 || map.getSize().x < 700 || map.getSize().y < 480) this.legend.close();
      this.layers = L.control.layers(null, {}, { collapsed: options.collapsed || map.getSize().x < 700, position: "topright" }).addTo(map);
      this.layers.addOverlay(this.hexes, this.texts.hexes);
      L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
      map.attributionControl.setPrefix("Leaflet").addAttribution(options.attribution || this.texts.attribution);
      map.on("click", (event) => this._emit("hex", { latlng: event.latlng, found: this.hexes.at(event.latlng) }));
      map.on("overlayadd overlayremove", (event) => this._toggled(event));
    }

    scale(measure) { return this.options.scales[measure || this.measure]; }

    on(name, listener) { (this._listeners[name] = this._listeners[name] || []).push(listener); return this; }

    _emit(name, detail) { (this._listeners[name] || []).forEach((listener) => listener(detail)); }

    _panes() {
      for (const [name, z] of Object.entries(PANES)) {
        const pane = this.map.createPane(name);
        pane.style.zIndex = z;
        if (name !== "gm-cells") pane.style.pointerEvents = "none";
      }
      this._renderer = L.canvas({ pane: "gm-cells", padding: 0.3, tolerance: 4 });
    }

    _toggled(event) {
      const slot = Object.keys(this._slots).find((name) => this._slots[name] === event.layer);
      if (!slot || this._swapping) return;
      this._visible[slot] = event.type === "overlayadd";
      this._emit("layers", { slot, visible: this._visible[slot] });
    }

    /* --- hexes, alone or two of them with a line between ------------------------------------ */

    showHexes(view, note) {
      this.hexes.setData(view, this.scale(view.measure));
      this._explain(view, note);
    }

    _explain(view, note) {
      const few = (view.few || []).some((one, i) => one && view.values[i] === null);
      this.legend.show(this.scale(view.measure), this.texts, few, note);
    }

    /* Two views side by side: `left` and `right` are {view, label}. */
    compare(left, right) {
      if (!this._other) this._openSwipe();
      this.hexes.setData(left.view, this.scale(left.view.measure));
      this._other.setData(right.view, this.scale(right.view.measure));
      this._explain(left.view);
      this._labels[0].textContent = "◀ " + left.label;
      this._labels[1].textContent = right.label + " ▶";
      this._moveSwipe(this._share);
    }

    _openSwipe() {
      this._other = new G.HexLayer(this.scale(), this.texts).addTo(this.map);
      this._share = this._share || 0.5;
      const bar = element("div", "gm-swipe"), box = this.map.getContainer();
      Object.entries({ role: "slider", tabindex: "0", "aria-label": this.texts.swipe, "aria-valuemin": "0", "aria-valuemax": "100" })
        .forEach(([key, value]) => bar.setAttribute(key, value));
      this._labels = [element("span", "gm-swipe-left"), element("span", "gm-swipe-right")];
      bar.append(...this._labels, element("i", "gm-swipe-grip", "⇔"));
      L.DomEvent.disableClickPropagation(bar);
      bar.addEventListener("pointerdown", (event) => { bar.setPointerCapture(event.pointerId); this.map.dragging.disable(); event.preventDefault(); bar.focus(); });
      bar.addEventListener("pointermove", (event) => {
        if (bar.hasPointerCapture(event.pointerId)) this._moveSwipe((event.clientX - box.getBoundingClientRect().left) / box.clientWidth);
      });
      bar.addEventListener("pointerup", () => this.map.dragging.enable());
      bar.addEventListener("keydown", (event) => {
        const step = { ArrowLeft: -0.05, ArrowRight: 0.05 }[event.key];
        if (step) { event.preventDefault(); event.stopPropagation(); this._moveSwipe(this._share + step); }
      });
      box.append(bar);
      this._bar = bar;
      this._onResize = () => this._moveSwipe(this._share);
      this.map.on("resize", this._onResize);
    }

    _moveSwipe(share) {
      this._share = Math.max(0.02, Math.min(0.98, share));
      const x = this._share * this.map.getSize().x;
      this.hexes.cut("left", x);
      this._other.cut("right", x);
      this._bar.style.left = x + "px";
      this._bar.setAttribute("aria-valuenow", Math.round(100 * this._share));
    }

    endCompare() {
      if (!this._other) return;
      this._other.remove();
      this._bar.remove();
      this.map.off("resize", this._onResize);
      this._other = this._bar = null;
      this.hexes.cut(null);
    }

    /* --- layers ------------------------------------------------------------------------------ */

    showHotspots(spots, live) {
      this._swap("hotspots", G.hotspotLayer(spots, this.texts, this.options.language, this.options.timezone, live), this.texts.hotspots, true);
    }

    showCells(cells, visible, onCell) {
      const metres = Math.max(60, Math.min(400, 14 * this._metresPerPixel()));
      this._swap("cells", G.cellLayer(cells, this.texts, this._renderer, metres, onCell), this.texts.cells, visible);
    }

    showRequests(requests, visible, onSelect) { this._swap("requests", G.requestLayer(requests, this.texts, this.options.language, onSelect), this.texts.requests, visible); }

    showPlaces(places, visible) { this._swap("places", G.placeLayer(places, this.map, this.options.language), this.texts.places, visible !== false); }

    showAlarms(alarms, visible) { this._swap("alarms", G.alarmLayer(alarms, this.texts, this.options.timezone), this.texts.alarms, visible); }

    showLevels(levels, visible) { this._swap("levels", G.levelLayer(levels, this.scale("rsrp"), this._renderer), this.texts.levels, visible); }

    showPlanned(sites, visible) { this._swap("planned", G.plannedLayer(sites, this.texts), this.texts.planned, visible); }

    /* A layer that is listed but loaded only when somebody switches it on. */
    offer(slot) { if (!this._slots[slot]) this._swap(slot, L.featureGroup(), this.texts[slot], false); }

    visible(slot) { return Boolean(this._visible[slot]); }

    _metresPerPixel() {
      const c = this.map.getCenter();
      return (40075016.7 * Math.cos((c.lat * Math.PI) / 180)) / 2 ** (this.map.getZoom() + 8);
    }

    spot(id) { return this._slots.hotspots && this._slots.hotspots.byId.get(id); }

    focusHotspot(id) {
      const part = this.spot(id);
      if (part) this.map.fitBounds(part.getBounds().pad(1.2), { maxZoom: 15, animate: false });
    }

    /* Mark one hotspot: its outline thick, its number ringed. */
    highlight(id) {
      if (!this._slots.hotspots) return;
      for (const [key, part] of this._slots.hotspots.byId) {
        const node = part.marker.getElement();
        if (node) node.classList.toggle("gm-marked", key === id);
        part.eachLayer((layer) => { if (layer.setStyle) layer.setStyle({ weight: key === id ? 5 : 2.5 }); });
      }
    }

    /* Hotspots that did not last into a period stand back. */
    dim(isOver) {
      if (!this._slots.hotspots) return;
      for (const part of this._slots.hotspots.byId.values()) {
        const node = part.marker.getElement(), over = isOver(part.spot);
        if (node) node.classList.toggle("gm-dimmed", over);
        part.eachLayer((layer) => { if (layer.setStyle) layer.setStyle({ opacity: over ? 0.25 : 1 }); });
      }
    }

    pin(lat, lon, radius) {
      this.unpin();
      this._pin = L.featureGroup([
        L.circle([lat, lon], { radius: radius || 50, color: "#0f62fe", weight: 1.5, fillOpacity: 0.08 }),
        L.circleMarker([lat, lon], { radius: 7, color: "#ffffff", weight: 2, fillColor: "#0f62fe", fillOpacity: 1 }),
      ]).addTo(this.map);
      return this._pin;
    }

    unpin() { if (this._pin) { this._pin.remove(); this._pin = null; } }

    _swap(slot, layer, name, visible) {
      const old = this._slots[slot], shown = slot in this._visible ? this._visible[slot] : visible !== false;
      this._swapping = true;
      if (old) { this.layers.removeLayer(old); old.remove(); }
      this._slots[slot] = layer;
      this._visible[slot] = shown;
      this.layers.addOverlay(layer, name);
      if (shown) layer.addTo(this.map);
      this._swapping = false;
    }

    setVisible(slot, shown) {
      this._visible[slot] = shown;
      const layer = this._slots[slot];
      if (layer && shown !== this.map.hasLayer(layer)) { if (shown) layer.addTo(this.map); else layer.remove(); }
    }
  }

  /* Exported file: the document holds one view per resolution, small counts already hidden. */
  /* A file is opened by people who have not made it: it says what it is. */
  function heading(map, title) {
    if (!title) return;
    const control = L.control({ position: "topleft" });
    control.onAdd = () => element("div", "gm-heading", title);
    control.addTo(map);
  }

  /* Over a whole city sectors are a tangle: they come with the streets. */
  function sectors(map, view, cells) {
    const near = () => map.getZoom() >= SECTOR_ZOOM && cells.length < 3000;
    view.showCells(cells, near());
    if (near()) return;
    map.on("zoomend", function show() { if (near()) { map.off("zoomend", show); view.showCells(cells, true); } });
  }

  function fromDocument(map, data) {
    const view = new GeoMap(map, data.options);
    heading(map, data.title);
    const levels = data.hexes, resolutions = levels.map((level) => level.resolution);
    const wanted = (zoom) => RESOLUTIONS[Math.max(0, Math.min(19, Math.round(zoom)))];
    let shown = null;
    const draw = () => {
      if (!levels.length) return;
      const target = Math.max(Math.min(...resolutions), Math.min(Math.max(...resolutions), wanted(map.getZoom())));
      const level = levels.find((one) => one.resolution === target);
      if (level === shown) return;
      shown = level;
      view.showHexes({ measure: data.options.measure, ...level });
    };
    map.on("zoomend", draw);
    draw();
    view.showPlaces(data.places);
    sectors(map, view, data.cells);
    view.showRequests(data.requests, true);
    view.showHotspots(data.hotspots);
    if (!data.hotspots.length) map.attributionControl.addAttribution(view.texts.none_found);
    return view;
  }

  Object.assign(G, { GeoMap, fromDocument });
})();
