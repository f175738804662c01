// C0 and C1 controls (ESC, BEL and OSC among them), DEL, and the bidirectional controls that can reorder a line.
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is its purpose
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Makes a foreign text safe to print on a terminal, on one line: each control character becomes `�`. */
export const safeText = (text: string): string => text.replace(UNSAFE, "\ufffd");
