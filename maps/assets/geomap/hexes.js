/* Hexes on a canvas, and the legend that explains their colours. */
(function () {
  "use strict";
  const { FEW, colourOf, element, number } = window.GeoMap;
  const KEPT_SHAPES = 20000;
  // Names are read through the colours; withheld counts stand back behind those that are told.
  const STRENGTH = 0.78, VEILED = 0.4;

  const HexLayer = L.Layer.extend({
    initialize(scale, texts) {
      this._scale = scale;
      this._texts = texts;
      this._values = new Map();
      this._shapes = new Map();
      this._resolution = null;
      this._side = null;
      this._cut = 0;
    },

    onAdd(map) {
      this._map = map;
      this._canvas = L.DomUtil.create("canvas", "gm-hexes leaflet-zoom-hide");
      map.getPane("gm-hexes").appendChild(this._canvas);
      map.on("moveend zoomend resize", this._draw, this);
      map.on("move", this._clip, this);
      map.on("mousemove", this._hover, this);
      map.on("mouseout movestart", this._leave, this);
      this._draw();
    },

    onRemove(map) {
      this._canvas.remove();
      map.off("moveend zoomend resize", this._draw, this);
      map.off("move", this._clip, this);
      map.off("mousemove", this._hover, this);
      map.off("mouseout movestart", this._leave, this);
      this._leave();
    },

    canvas() { return this._canvas; },

    scale() { return this._scale; },

    setData(view, scale) {
      this._scale = scale;
      this._resolution = view.resolution;
      this._values = new Map();
      view.hexes.forEach((hex, i) => this._values.set(hex, [view.values[i], view.few ? view.few[i] : false]));
      if (this._shapes.size > KEPT_SHAPES) this._shapes.clear();
      if (this._map) this._draw();
    },

    /* Show only what lies left or right of a line, in pixels of the map; null shows everything. */
    cut(side, x) { this._side = side; this._cut = x; if (this._map) this._clip(); },

    _clip() {
      if (!this._side) { this._canvas.style.clipPath = ""; return; }
      const x = this._cut - this._map.layerPointToContainerPoint(L.DomUtil.getPosition(this._canvas)).x;
      const width = parseFloat(this._canvas.style.width);
      this._canvas.style.clipPath = this._side === "left" ? `inset(0 ${width - x}px 0 0)` : `inset(0 0 0 ${x}px)`;
    },

    _shown(latlng) {
      if (!this._side) return true;
      const x = this._map.latLngToContainerPoint(latlng).x;
      return this._side === "left" ? x <= this._cut : x > this._cut;
    },

    at(latlng) {
      if (this._resolution === null || !this._shown(latlng)) return null;
      const hex = h3.latLngToCell(latlng.lat, latlng.lng, this._resolution);
      return this._values.has(hex) ? { hex, value: this._values.get(hex)[0], few: this._values.get(hex)[1] } : null;
    },

    _shape(hex) {
      let shape = this._shapes.get(hex);
      if (!shape) {
        const ring = h3.cellToBoundary(hex), first = ring[0][1];
        // A hex across the antimeridian is drawn on its own side instead of round the world.
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
      context.strokeStyle = "rgba(255,255,255,0.6)";
      for (const [hex, [value, few]] of this._values) this._paint(context, hex, value, few);
      this._clip();
    },

    _paint(context, hex, value, few) {
      const hidden = few && value === null, colour = hidden ? FEW : colourOf(this._scale, value);
      if (!colour) return;
      context.beginPath();
      this._shape(hex).forEach((corner, i) => {
        const point = this._map.latLngToContainerPoint(corner);
        if (i) context.lineTo(point.x, point.y); else context.moveTo(point.x, point.y);
      });
      context.closePath();
      context.globalAlpha = hidden ? VEILED : STRENGTH;
      context.fillStyle = colour;
      context.fill();
      context.globalAlpha = hidden ? 0.5 : 1;
      context.stroke();
      context.globalAlpha = 1;
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
      if (typeof value !== "number") return value === null ? this._texts.no_data : String(value);
      return number(value, 1) + " " + this._scale.unit;
    },

    _leave() { if (this._tip) { this._tip.remove(); this._tip = null; } },
  });

  /* Classes of a scale as [colour, words], largest first. */
  function classes(scale, texts) {
    if (scale.categories.length) return scale.categories.map(([, label], i) => [scale.colours[i], label]);
    const marks = scale.breaks, entries = [];
    if (!marks.length) return entries;
    for (let i = marks.length; i >= 0; i--) {
      const low = i ? marks[i - 1] : scale.low, next = i < marks.length ? marks[i] : null;
      const high = next !== null && scale.whole ? next - 1 : next, between = low !== null && low < 0 ? texts.to : " – ";
      entries.push([scale.colours[i], low === null ? texts.under + " " + number(high, 2)
        : high === null ? number(low, 2) + " " + texts.from_up : number(low, 2) + between + number(high, 2)]);
    }
    return entries;
  }

  const Legend = L.Control.extend({
    onAdd() {
      this._box = element("div", "gm-legend leaflet-bar");
      L.DomEvent.disableClickPropagation(this._box);
      return this._box;
    },

    show(scale, texts, hasFew, note) {
      const title = element("button", "gm-legend-title", scale.title);
      title.type = "button";
      title.setAttribute("aria-expanded", String(!this._box.classList.contains("gm-closed")));
      title.onclick = () => title.setAttribute("aria-expanded", String(!this._box.classList.toggle("gm-closed")));
      const body = element("div", "gm-legend-body");
      if (scale.unit) body.append(element("div", "gm-quiet", scale.unit));
      for (const [colour, label] of classes(scale, texts)) body.append(this._entry(colour, label));
      if (hasFew) body.append(this._entry(FEW, texts.few, VEILED));
      if (note) body.append(element("div", "gm-quiet", note));
      this._box.replaceChildren(title, body);
    },

    close() { this._box.classList.add("gm-closed"); },

    /* As strong as on the map, where names must be read through the colour. */
    _entry(colour, label, strength = STRENGTH) {
      const line = element("div", "gm-legend-row"), swatch = element("span", "gm-swatch");
      swatch.style.background = colour;
      swatch.style.opacity = strength;
      line.append(swatch, element("span", "", label));
      return line;
    },
  });

  Object.assign(window.GeoMap, { HexLayer, Legend, classes });
})();
