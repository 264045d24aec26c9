/** Distinct texts and their ids; twins in `src/text-table.ts`. Offsets are 32-bit, entry i is bytes[offsets[i] … offsets[i + 1]). */

/**
 * Finds or gives the id of entries `first` … `end - 1` of a dictionary. Returns the ids given.
 *
 * @param buckets linear probing: id + 1, or 0
 * @param count   ids given before; `tableOffsets[count]` is where the next text goes
 */
export function assignTextIds(
  offsets: usize,
  bytes: usize,
  first: u32,
  end: u32,
  buckets: usize,
  bucketMask: u32,
  hashes: usize,
  tableOffsets: usize,
  tableBytes: usize,
  count: u32,
  ids: usize,
): u32 {
  for (let entry = first; entry < end; entry++) {
    const start = load<u32>(offsets + (entry << 2));
    const length = load<u32>(offsets + (entry << 2), 4) - start;
    const text = bytes + start;
    const hash = hashText(text, length);
    let at = hash & bucketMask;
    let known = load<u32>(buckets + (at << 2));
    while (known != 0) {
      const id = known - 1;
      if (load<u32>(hashes + (id << 2)) == hash) {
        const from = load<u32>(tableOffsets + (id << 2));
        const isAsLong = load<u32>(tableOffsets + (id << 2), 4) - from == length;
        if (isAsLong && areEqual(text, tableBytes + from, length)) break;
      }
      at = (at + 1) & bucketMask;
      known = load<u32>(buckets + (at << 2));
    }
    if (known == 0) {
      const to = load<u32>(tableOffsets + (count << 2));
      memory.copy(tableBytes + to, text, length);
      store<u32>(tableOffsets + (count << 2), to + length, 4);
      store<u32>(hashes + (count << 2), hash);
      count += 1;
      known = count;
      store<u32>(buckets + (at << 2), known);
    }
    store<u32>(ids + ((entry - first) << 2), known - 1);
  }
  return count;
}

// The twin's function bit for bit: both work on the same table.
function hashText(text: usize, length: u32): u32 {
  let hash: u32 = length * 0x9e3779b1;
  let at: u32 = 0;
  for (; at + 4 <= length; at += 4) hash = mix(hash, load<u32>(text + at));
  const rest = length - at;
  if (rest > 0) hash = mix(hash, load<u32>(text + at) & ((1 << (rest << 3)) - 1));
  hash = (hash ^ (hash >>> 15)) * 0x2c1b3c6d;
  return hash ^ (hash >>> 13);
}

function mix(hash: u32, word: u32): u32 {
  const mixed = (hash ^ word) * 0x85ebca6b;
  return mixed ^ (mixed >>> 15);
}

function areEqual(a: usize, b: usize, length: u32): bool {
  let at: u32 = 0;
  for (; at + 8 <= length; at += 8) if (load<u64>(a + at) != load<u64>(b + at)) return false;
  const rest = length - at;
  if (rest == 0) return true;
  return (load<u64>(a + at) ^ load<u64>(b + at)) << (64 - (rest << 3)) == 0;
}

/** Where chosen entries go when they are laid one behind the other; shape [count + 1]. Returns the end of the last. */
export function placeTexts(ids: usize, count: u32, offsets: usize, places: usize): u32 {
  let end: u32 = 0;
  store<u32>(places, 0);
  for (let i: u32 = 0; i < count; i++) {
    const entry = offsets + (load<u32>(ids + (i << 2)) << 2);
    end += load<u32>(entry, 4) - load<u32>(entry);
    store<u32>(places + (i << 2), end, 4);
  }
  return end;
}

/** Copies chosen entries to the places that `placeTexts` gave. */
export function copyTexts(
  ids: usize,
  count: u32,
  offsets: usize,
  bytes: usize,
  places: usize,
  out: usize,
): void {
  for (let i: u32 = 0; i < count; i++) {
    const start = load<u32>(offsets + (load<u32>(ids + (i << 2)) << 2));
    const to = load<u32>(places + (i << 2));
    const length = load<u32>(places + (i << 2), 4) - to;
    const text = bytes + start;
    // Texts are short, and `out` has room behind its end: eight bytes at a time beat a copy of few.
    for (let at: u32 = 0; at < length; at += 8) store<u64>(out + to + at, load<u64>(text + at));
  }
}
