import { createHash } from "node:crypto";

/** SHA-256 of a text's UTF-8 bytes. Good for keys of many random bits, not for passwords. */
export const sha256 = (text: string): Buffer => createHash("sha256").update(text, "utf8").digest();
