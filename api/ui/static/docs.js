// Starts Swagger UI on our own document. No validator: it would send the document to another host.
window.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  tryItOutEnabled: true,
  supportedSubmitMethods: ["get", "post", "put", "delete", "patch"],
});
