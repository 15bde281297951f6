// A file of its own, so that the pages' Content-Security-Policy can refuse inline scripts.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  persistAuthorization: true,
  // The validator is a service elsewhere that the document would be sent to.
  validatorUrl: null,
});
