/* Before the first paint: the theme the person chose last, else the one the system asks for. */
(function () {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.theme = localStorage.getItem("theme") || system;
})();
