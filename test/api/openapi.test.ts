import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { openapiDocument } from "../../src/api/openapi.ts";
import type { Route } from "../../src/api/route.ts";
import { ROUTES } from "../../src/api/routes.ts";

const SPEC = new URL("../../spec/v1/openapi.yaml", import.meta.url);

describe("spec/v1/openapi.yaml", () => {
  it("is what the route table says (vitest -u writes it anew)", async () => {
    const document = openapiDocument("1");
    const yaml = `# Made from src/api/routes.ts: change it there, then run \`npx vitest run --project unit test/api/openapi.test.ts -u\`.\n${stringify(document, { aliasDuplicateObjects: false, lineWidth: 120 })}`;

    await expect(yaml).toMatchFileSnapshot(SPEC.pathname);
  });

  it("refers to nothing that it does not hold", async () => {
    const text = await readFile(SPEC, "utf8");
    const document = parse(text) as Record<string, unknown>;
    const references = [...text.matchAll(/"?#\/([\w/]+)"?$/gm)].map(([, path]) => path ?? "");
    const at = (path: string) =>
      path.split("/").reduce<unknown>((part, step) => (part as Record<string, unknown>)?.[step], document);

    expect(references.length).toBeGreaterThan(50);
    expect(references.filter((path) => at(path) === undefined)).toEqual([]);
  });

  it("shows secrets as strings, and destinations without one", () => {
    const { components } = openapiDocument("1") as { components: { schemas: Record<string, { properties: object }> } };

    expect(components.schemas.NewStreamKey?.properties).toMatchObject({ streamKey: { type: "string" } });
    expect(Object.keys(components.schemas.Destination?.properties ?? {})).toEqual([
      "id",
      "streamId",
      "service",
      "server",
      "url",
      "enabled",
      "createdAt",
      "revision",
      "retrySeq",
    ]);
  });
});

describe("the route table", () => {
  const routes = Object.entries<Route>(ROUTES);

  it("has each method and path once", () => {
    const seen = routes.map(([, { method, path }]) => `${method} ${path.replace(/:\w+/g, ":")}`);

    expect(new Set(seen).size).toBe(seen.length);
  });

  it.each(routes)("%s names each part of its path", (_name, { path, params }) => {
    const parts = [...path.matchAll(/:(\w+)/g)].map(([, part]) => part);

    expect(Object.keys((params as unknown as { shape: object }).shape)).toEqual(parts);
  });

  it.each(routes.filter(([, { method }]) => method === "GET" || method === "DELETE"))(
    "%s takes no body, so that any client can send it",
    (_name, { body }) => {
      expect(body).toBeNull();
    },
  );
});
