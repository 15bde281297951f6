// A file of its own, so that the pages' Content-Security-Policy can refuse inline scripts.
const systemFonts = "system-ui, sans-serif";
Redoc.init(
  "/openapi.json",
  {
    theme: {
      typography: { fontFamily: systemFonts, headings: { fontFamily: systemFonts } },
    },
  },
  document.getElementById("redoc"),
);
