/** Loads of narrow integers: one by one as 64-bit numbers, or four at a time as 32-bit lanes. */

/** Four unsigned values of type T as 32-bit lanes; reads no more than 16 bytes. */
export function load4<T>(at: usize): v128 {
  if (sizeof<T>() == 1) {
    return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at)));
  }
  if (sizeof<T>() == 2) return v128.load16x4_u(at);
  return v128.load(at);
}

/** One unsigned value of type T at an index. */
export function load1<T>(base: usize, index: u32): u32 {
  return <u32>load<T>(base + <usize>index * sizeof<T>());
}

/** A value of any width, by its code: bytes, negative for signed. */
export function signedAt(base: usize, row: u32, width: i32): i64 {
  const index = <usize>row;
  switch (width) {
    case 1:
      return <i64>load<u8>(base + index);
    case 2:
      return <i64>load<u16>(base + (index << 1));
    case 4:
      return <i64>load<u32>(base + (index << 2));
    case -1:
      return <i64>load<i8>(base + index);
    case -2:
      return <i64>load<i16>(base + (index << 1));
    case -4:
      return <i64>load<i32>(base + (index << 2));
    default:
      return load<i64>(base + (index << 3));
  }
}
/** Bits that a value of `width` bytes has, negative for signed. */
export function maskOf(width: i32): u64 {
  const bits = (width < 0 ? -width : width) * 8;
  return bits == 64 ? ~(<u64>0) : ((<u64>1) << bits) - 1;
}

/** The sign bit of a signed width, 0 for unsigned ones and for 64 bits, which need no extension. */
export function signOf(width: i32): u64 {
  return width < 0 ? (<u64>1) << (-width * 8 - 1) : 0;
}

/**
 * The value at an address, whatever its width: neighbours are masked off, the sign is extended by
 * `(x ^ sign) - sign`. W says which widths come: u8 for unsigned ones of at most 32 bits, u64 for any.
 */
export function valueAt<W>(at: usize, mask: u64, sign: u64): i64 {
  if (sizeof<W>() == 1) return <i64>(<u64>load<u32>(at) & mask);
  return <i64>(((load<u64>(at) & mask) ^ sign) - sign);
}
