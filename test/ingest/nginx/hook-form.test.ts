import { describe, expect, it } from "vitest";
import { parseHookForm } from "../../../src/ingest/nginx/hook-form.ts";

const fieldsOf = (body: string) => Object.fromEntries(parseHookForm(body) ?? []);

describe("parseHookForm", () => {
  it("lets the first value of a field win: what a publisher adds stands at the end", () => {
    expect(fieldsOf("clientid=3&name=key&type=live&name=other&clientid=4&x=1")).toEqual({
      clientid: "3",
      name: "key",
      type: "live",
      x: "1",
    });
  });

  it.each([
    ["name=a%20b%3D%26", { name: "a b=&" }],
    ["name=a=b", { name: "a=b" }],
    ["name=a+b", { name: "a+b" }],
    ["name=", { name: "" }],
    ["=x&&name", {}],
    ["", {}],
  ])("reads %j", (body, fields) => {
    expect(fieldsOf(body)).toEqual(fields);
  });

  it.each(["name=%", "name=%zz", "%ff=1"])("refuses %j", (body) => {
    expect(parseHookForm(body)).toBeNull();
  });
});
