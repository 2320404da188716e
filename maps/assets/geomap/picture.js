/* The map as a PNG, drawn again onto one canvas in the browser: nothing is sent anywhere. */
(function () {
  "use strict";
  const G = window.GeoMap;

  function background(view) { return getComputedStyle(view.map.getContainer()).backgroundColor || "#eef1f4"; }

  /* Where an element stands inside the map, in CSS pixels. */
  function placeOf(node, box) {
    const r = node.getBoundingClientRect();
    return { x: r.left - box.left, y: r.top - box.top, width: r.width, height: r.height };
  }

  function clipped(context, view, canvas, at, draw) {
    context.save();
    const side = canvas === view.hexes.canvas() ? view.hexes : view._other;
    if (canvas.style.clipPath && side) {
      const size = view.map.getSize(), x = side._cut;
      context.beginPath();
      if (side._side === "left") context.rect(0, 0, x, size.y); else context.rect(x, 0, size.x - x, size.y);
      context.clip();
    }
    draw();
    context.restore();
  }

  function canvases(context, view, box) {
    for (const pane of ["gm-hexes", "gm-cells", "overlayPane"]) {
      for (const canvas of view.map.getPane(pane).querySelectorAll("canvas")) {
        const at = placeOf(canvas, box);
        if (canvas.width) clipped(context, view, canvas, at, () => context.drawImage(canvas, at.x, at.y, at.width, at.height));
      }
    }
  }

  function badges(context, view, box) {
    context.textAlign = "center";
    context.textBaseline = "middle";
    const found = (kinds) => [...view.map.getContainer().querySelectorAll(kinds)];
    for (const node of [...found(".gm-place span"), ...found(".gm-alarm span, .gm-planned span"), ...found(".gm-rank span")]) {
      const at = placeOf(node, box), x = at.x + at.width / 2, y = at.y + at.height / 2, style = getComputedStyle(node);
      if (node.closest(".gm-place")) text(context, node.textContent, x, y, style, true);
      else if (node.closest(".gm-rank")) { disc(context, x, y, 12, "#7a0019", "#ffffff"); text(context, node.textContent, x, y, { ...font(style), color: "#ffffff" }, false); }
      else if (node.closest(".gm-alarm")) triangle(context, x, y, style.borderBottomColor);
      else disc(context, x, y, 6, "#ffffff", "#5b2a86");
    }
  }

  function font(style) { return { fontWeight: style.fontWeight, fontSize: style.fontSize, fontFamily: style.fontFamily }; }

  function text(context, words, x, y, style, halo) {
    context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    if (halo) { context.lineWidth = 3; context.strokeStyle = "rgba(255,255,255,0.85)"; context.strokeText(words, x, y); }
    context.fillStyle = halo ? "#2d3946" : style.color;
    context.fillText(words, x, y);
  }

  function disc(context, x, y, radius, fill, stroke) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = fill; context.fill();
    context.lineWidth = 2; context.strokeStyle = stroke; context.stroke();
  }

  function triangle(context, x, y, colour) {
    context.beginPath();
    context.moveTo(x, y - 8); context.lineTo(x + 9, y + 7); context.lineTo(x - 9, y + 7); context.closePath();
    context.fillStyle = colour; context.fill();
  }

  function legend(context, view, size, caption) {
    const scale = view.hexes.scale(), entries = G.classes(scale, view.texts), line = 18, high = 34 + line * entries.length + (caption ? 20 : 0);
    const lines = [scale.title + (scale.unit ? " (" + scale.unit + ")" : ""), caption || ""];
    context.font = "600 13px sans-serif";
    const wide = Math.max(...lines.map((l) => context.measureText(l).width), 140) + 24, top = size.y - high - 12;
    context.fillStyle = "rgba(255,255,255,0.94)";
    context.fillRect(12, top, wide, high);
    context.textAlign = "left"; context.textBaseline = "middle"; context.fillStyle = "#18212b";
    context.fillText(lines[0], 24, top + 16);
    context.font = "12px sans-serif";
    if (caption) context.fillText(caption, 24, top + 34);
    entries.forEach(([colour, label], i) => {
      const y = top + (caption ? 54 : 36) + i * line;
      context.fillStyle = colour; context.fillRect(24, y - 6, 16, 12);
      context.fillStyle = "#18212b"; context.fillText(label, 48, y);
    });
  }

  /* Promise of a PNG blob of what the map shows, with legend and caption. */
  function picture(view, caption) {
    const size = view.map.getSize(), box = view.map.getContainer().getBoundingClientRect(), ratio = 2;
    const canvas = document.createElement("canvas"), context = canvas.getContext("2d");
    canvas.width = size.x * ratio; canvas.height = size.y * ratio;
    context.scale(ratio, ratio);
    context.fillStyle = background(view);
    context.fillRect(0, 0, size.x, size.y);
    canvases(context, view, box);
    badges(context, view, box);
    legend(context, view, size, caption);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  }

  G.picture = picture;
})();
