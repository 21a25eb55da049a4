// Starts Swagger UI on the page of http/api_docs.py. A separate file, because the page allows no inline script.
SwaggerUIBundle({ url: "/docs/openapi.json", dom_id: "#swagger", deepLinking: true, validatorUrl: null });
