/* Small helpers of the map scripts, and the colour of a value. The same files drive the live page and the exported
   one. Data reach the page as JSON and become text nodes and canvas strokes: no markup is ever built from them. */
window.GeoMap = (function () {
  "use strict";

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

  /* Digits grouped as the page's language does, with a real minus sign. */
  function number(value, digits) {
    if (value === null || value === undefined) return "–";
    const locale = document.documentElement.lang || undefined;
    const text = Number(value).toLocaleString(locale, { maximumFractionDigits: digits === undefined ? 1 : digits });
    return text.replace(/^-0$/, "0").replace("-", "−");
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

  /* Days in the operator's zone; the end of a period is the first moment after it. */
  function dayIn(zone, text, back) {
    if (!text) return "–";
    return new Date(new Date(text).getTime() - (back || 0)).toLocaleDateString("sv-SE", { timeZone: zone });
  }

  /* "English (中文)" where a place has an English name, in the page's language. */
  function placeName(item, key, language) {
    return (language === "en" && item[key + "_en"]) || item[key] || "";
  }

  return { FEW: "#c3c9d1", element, rows, number, pValue, colourOf, dayIn, placeName };
})();
