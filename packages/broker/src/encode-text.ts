/** Packs text into chunks of bytes that are worth sending. */

/** A chunk is sent once it has this many characters. */
const chunkLength = 64 * 1024;

/** Encodes texts as UTF-8, many small ones in one chunk; at least one chunk, which may be empty. */
export function* encodeText(texts: Iterable<string>): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let pending = '';
  let isFirst = true;
  for (const text of texts) {
    pending += text;
    if (pending.length < chunkLength) continue;
    yield encoder.encode(pending);
    pending = '';
    isFirst = false;
  }
  if (isFirst || pending !== '') yield encoder.encode(pending);
}
