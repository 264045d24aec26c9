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

/** The first eight bytes of a text as a number that sorts as they do; zeros behind a shorter one. */
function prefixOf(text: usize, length: u32): u64 {
  if (length >= 8) return bswap(load<u64>(text));
  return bswap(load<u64>(text) & (((<u64>1) << (length << 3)) - 1));
}

/** First sample from `from` on that is not below `key`, or `count`: gallops, then halves. */
function firstSample(samples: usize, from: u32, count: u32, key: u64): u32 {
  let low = from;
  let high = from;
  for (let step: u32 = 1; high < count && load<u64>(samples + (high << 3)) < key; step <<= 1) {
    low = high + 1;
    high += step;
  }
  if (high > count) high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (load<u64>(samples + (middle << 3)) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Entries from one sample to the next. */
const sampleStep: u32 = 16;
/** Equal samples that are stepped over one by one. */
const fewSamples: u32 = 4;

/**
 * Finds the ids of texts, both sides ascending and distinct, and writes them as runs of neighbours.
 * Entries `first` … `size` - 1 take part, and all texts lie between the first and the last of them.
 *
 * Samples are eight bytes of every 16th entry, behind the `skip` bytes that all entries share: they
 * say which 16 entries can hold a text, so that a search meets a few cache lines. Returns the number
 * of runs.
 */
export function findTexts(
  dictionaryOffsets: usize,
  dictionaryBytes: usize,
  first: u32,
  size: u32,
  samples: usize,
  skip: u32,
  offsets: usize,
  bytes: usize,
  count: u32,
  starts: usize,
  ends: usize,
): u32 {
  const sampleCount = (size - first + sampleStep - 1) / sampleStep;
  let runs: u32 = 0;
  let sample: u32 = 0;
  let next = first;
  for (let text: u32 = 0; text < count; text++) {
    const textStart = load<u32>(offsets + (text << 2));
    const at = bytes + textStart;
    const length = load<u32>(offsets + (text << 2), 4) - textStart;
    const key = prefixOf(at + skip, length - skip);
    sample = firstSample(samples, sample, sampleCount, key);
    let above = sample;
    const most = sample + fewSamples < sampleCount ? sample + fewSamples : sampleCount;
    while (above < most && load<u64>(samples + (above << 3)) == key) above += 1;
    // Entries of samples below the key are below the text, those of samples above it above.
    let low = sample == 0 ? first : first + (sample - 1) * sampleStep + 1;
    if (low < next) low = next;
    let high = above == sample + fewSamples ? size : first + above * sampleStep;
    if (high > size) high = size;
    let order: i32 = -1;
    while (low < high && order != 0) {
      const middle = (low + high) >>> 1;
      order = compareEntry(dictionaryOffsets, dictionaryBytes, middle, at, length);
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    if (order != 0) continue;
    const last = ends + ((runs - 1) << 2);
    if (runs > 0 && load<u32>(last) == high) store<u32>(last, high + 1);
    else {
      store<u32>(starts + (runs << 2), high);
      store<u32>(ends + (runs << 2), high + 1);
      runs += 1;
    }
    next = high + 1;
  }
  return runs;
}

function compareEntry(offsets: usize, bytes: usize, id: u32, text: usize, length: u32): i32 {
  const start = load<u32>(offsets + (id << 2));
  return compare(bytes + start, load<u32>(offsets + (id << 2), 4) - start, text, length);
}
