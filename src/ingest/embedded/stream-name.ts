/** A stream name as encoders and relays write it: what stands before `?`, and the query. */
export interface StreamName {
  readonly name: string;
  readonly query: URLSearchParams;
}

/** Takes the query off a stream name; whatever a publisher writes there never becomes part of the stream key. */
export function readStreamName(text: string): StreamName {
  const at = text.indexOf("?");
  return at < 0
    ? { name: text, query: new URLSearchParams() }
    : { name: text.slice(0, at), query: new URLSearchParams(text.slice(at + 1)) };
}
