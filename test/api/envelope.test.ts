import { describe, expect, it } from "vitest";
import { errorEnvelope, errorFromEnvelope } from "../../src/api/envelope.ts";
import { ERRORS, type ErrorCode, invalidInput, RigError } from "../../src/domain/errors.ts";

describe("the error envelope", () => {
  it("carries number, status, name and each fault by its field", () => {
    expect(errorEnvelope(invalidInput("title", "must be 1-200 characters, got 0"))).toEqual({
      msg: "title must be 1-200 characters, got 0",
      status: 400,
      payload: [{ field: "title", message: "must be 1-200 characters, got 0" }],
      errorCode: 1005,
      code: "INVALID_INPUT",
    });
  });

  it.each(Object.keys(ERRORS) as ErrorCode[])("comes back as the error it was: %s", (code) => {
    const sent = new RigError(code, "what happened", { faults: [{ field: "a", message: "b" }] });

    const got = errorFromEnvelope(sent.faults.length, JSON.parse(JSON.stringify(errorEnvelope(sent))));

    expect(got).toMatchObject({ code, message: "what happened", faults: sent.faults });
  });

  it("tells nothing of a bug", () => {
    expect(errorEnvelope(new TypeError("password is hunter2"))).toEqual({
      msg: "An unexpected error occurred.",
      status: 500,
      payload: [],
      errorCode: 1008,
      code: "INTERNAL",
    });
  });

  it("understands a newer server by number and status", () => {
    const newer = { msg: "no", status: 403, payload: [], errorCode: 1003, code: "STREAM_KEY_LEASED_OUT" };

    expect(errorFromEnvelope(403, newer).code).toBe("FORBIDDEN");
    expect(errorFromEnvelope(418, { ...newer, status: 418 }).code).toBe("CANNOT_FETCH");
  });

  it.each([[null], ["<html>502</html>"], [{ error: "nginx" }], [{ msg: "x", status: 1, payload: null, errorCode: 1 }]])(
    "takes %j as no answer of rig's",
    (answer) => {
      expect(errorFromEnvelope(502, answer)).toMatchObject({ code: "CANNOT_FETCH" });
    },
  );
});
