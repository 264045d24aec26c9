/** Sorted texts in a sorted dictionary; twin in `src/text-search.ts`. */

/** Order of two texts by bytes, eight at a time: below 0, 0, above 0. Both have 8 readable bytes behind. */
function compare(a: usize, aLength: u32, b: usize, bLength: u32): i32 {
  const shared = aLength < bLength ? aLength : bLength;
  for (let at: u32 = 0; at < shared; at += 8) {
    let x = load<u64>(a + at);
    let y = load<u64>(b + at);
    const left = shared - at;
    if (left < 8) {
      const mask = ((<u64>1) << (left << 3)) - 1;
      x &= mask;
      y &= mask;
    }
    if (x != y) return bswap(x) < bswap(y) ? -1 : 1;
  }
  return <i32>aLength - <i32>bLength;
}

/**
 * Finds the ids of texts, both sides ascending and distinct, and writes them as runs of neighbours.
 * From each found place the search gallops on: about 2 log2(distance) steps a text.
 *
 * Dictionary entries `first` … `size` - 1 and texts `from` … `until` - 1 take part. Returns the number
 * of runs.
 */
export function findTexts(
  dictionaryOffsets: usize,
  dictionaryBytes: usize,
  first: u32,
  size: u32,
  offsets: usize,
  bytes: usize,
  from: u32,
  until: u32,
  starts: usize,
  ends: usize,
): u32 {
  let runs: u32 = 0;
  let low = first;
  for (let text = from; text < until && low < size; text++) {
    const textStart = load<u32>(offsets + (text << 2));
    const at = bytes + textStart;
    const length = load<u32>(offsets + (text << 2), 4) - textStart;
    let order: i32 = -1;
    // Entries below `low` are below the text; the first entry not below it is at `high` or before.
    let high = low;
    let step: u32 = 1;
    while (high < size) {
      order = compareEntry(dictionaryOffsets, dictionaryBytes, high, at, length);
      if (order >= 0) break;
      low = high + 1;
      high += step;
      step <<= 1;
    }
    if (high > size) high = size;
    while (low < high && order != 0) {
      const middle = (low + high) >>> 1;
      order = compareEntry(dictionaryOffsets, dictionaryBytes, middle, at, length);
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    if (order == 0) low = high;
    else continue;
    if (runs > 0 && load<u32>(ends + ((runs - 1) << 2)) == low) {
      store<u32>(ends + ((runs - 1) << 2), low + 1);
    } else {
      store<u32>(starts + (runs << 2), low);
      store<u32>(ends + (runs << 2), low + 1);
      runs += 1;
    }
    low += 1;
  }
  return runs;
}

function compareEntry(offsets: usize, bytes: usize, id: u32, text: usize, length: u32): i32 {
  const start = load<u32>(offsets + (id << 2));
  return compare(bytes + start, load<u32>(offsets + (id << 2), 4) - start, text, length);
}
