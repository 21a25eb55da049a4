// Starts Swagger UI on the page of docs.py. A file of its own, so that the page needs no inline script.
SwaggerUIBundle({ url: "/docs/openapi.json", dom_id: "#swagger", deepLinking: true, validatorUrl: null });
