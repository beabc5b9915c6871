/* Says in the region "lost" of the page that what htmx asked for has not come, and is silent again
   once something comes. Without it a page that looks on by itself would just stand still.
   The words stand in the page, in its language. */
"use strict";
(() => {
  const tell = (lost) => {
    const region = document.getElementById("lost");
    const words = lost ? region.dataset.words : "";
    if (region.textContent !== words) region.textContent = words;
  };
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"])
    document.addEventListener(name, () => tell(true));
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, pathInfo } = event.detail;
    const asked = new URL(pathInfo.requestPath, location.href).pathname;
    if (new URL(xhr.responseURL).pathname === asked) return;
    event.preventDefault(); /* the page that signs in, in place of what was asked for */
    tell(true);
  });
  document.addEventListener("htmx:afterSwap", () => tell(false));
})();
