/**
 * A hash table from 64-bit keys to slots: open addressing with linear probing, in buckets of 16
 * bytes that hold the key beside its slot, so that finding a key costs one cache line.
 *
 *   bucket   { key: u64, slot + 1: u32 or 0 where free, – }
 *
 * The place of a key is given by the upper bits of its hash, so that the entries of a table lie in
 * the same order after it has doubled, and doubling reads and writes memory from front to back.
 * Twins in `src/hash-slots.ts`.
 */

/** Rows whose buckets are read ahead: their lines stay in the nearest cache. */
const aheadRows: u32 = 512;
/** Tables of more bits than this leave the second-level cache. */
const cachedBits: u32 = 14;

/** Finds or gives the slot of each key. Returns the slots used. There is a free bucket for every new key. */
export function assignHashSlots(
  keys: usize,
  count: u32,
  buckets: usize,
  bits: u32,
  keyOf: usize,
  used: u32,
  slots: usize,
): u32 {
  for (let start: u32 = 0; start < count; start += aheadRows) {
    const part = min<u32>(aheadRows, count - start);
    const from = keys + (start << 3);
    if (bits > cachedBits) lastRead = readAhead(from, part, buckets, 32 - bits);
    used = assign(from, part, buckets, bits, keyOf, used, slots + (start << 2));
  }
  return used;
}

/** What was read ahead ends here, or the compiler would drop the reading. */
let lastRead: u32 = 0;

/**
 * Reads the bucket of each key. These reads do not wait for one another, as probing does when it
 * mispredicts, so ten and more cache misses are under way at a time.
 */
function readAhead(keys: usize, count: u32, buckets: usize, shift: u32): u32 {
  let read: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    read |= load<u32>(buckets + ((hash(load<u64>(keys + (i << 3))) >>> shift) << 4));
  }
  return read;
}

function assign(
  keys: usize,
  count: u32,
  buckets: usize,
  bits: u32,
  keyOf: usize,
  used: u32,
  slots: usize,
): u32 {
  const mask: u32 = (1 << bits) - 1;
  const shift = 32 - bits;
  for (let i: u32 = 0; i < count; i++) {
    const key = load<u64>(keys + (i << 3));
    let at = hash(key) >>> shift;
    let bucket = buckets + (at << 4);
    let slot = load<u32>(bucket, 8);
    while (slot != 0 && load<u64>(bucket) != key) {
      at = (at + 1) & mask;
      bucket = buckets + (at << 4);
      slot = load<u32>(bucket, 8);
    }
    if (slot == 0) {
      store<u64>(keyOf + ((<usize>used) << 3), key);
      used += 1;
      slot = used;
      store<u64>(bucket, key);
      store<u32>(bucket, slot, 8);
    }
    store<u32>(slots + (i << 2), slot - 1);
  }
  return used;
}

/** Moves every entry of a table into an empty one of more bits. */
export function moveHashSlots(buckets: usize, bits: u32, grown: usize, grownBits: u32): void {
  const mask: u32 = (1 << grownBits) - 1;
  const shift = 32 - grownBits;
  const end = buckets + ((<usize>1) << (bits + 4));
  for (let from = buckets; from < end; from += 16) {
    if (load<u32>(from, 8) == 0) continue;
    let at = hash(load<u64>(from)) >>> shift;
    while (load<u32>(grown + (at << 4), 8) != 0) at = (at + 1) & mask;
    v128.store(grown + (at << 4), v128.load(from));
  }
}

// The twin's function bit for bit: both work on the same table.
function hash(key: u64): u32 {
  const low = <u32>key;
  const high = <u32>(key >> 32);
  let mixed: u32 = ((high ^ (high >>> 15)) * 0x2c1b3c6d) ^ (low * 0x297a2d39);
  mixed = (mixed ^ (mixed >>> 15)) * 0x85ebca6b;
  return mixed ^ (mixed >>> 13);
}
