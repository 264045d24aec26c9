/** Hands on the chunks of an answer. */

/** The chunks of an answer as they are. */
export function encodeText(chunks: Iterable<Uint8Array>): Iterable<Uint8Array> {
  return chunks;
}
