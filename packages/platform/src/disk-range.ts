import { StoreError } from '@isotherm/errors';

/** @throws StoreError code SHORT_FILE unless `[start, end)` lies inside a file of `byteLength` bytes */
export function checkRange(
  path: string,
  range: { readonly start: number; readonly end: number },
  byteLength: number,
): void {
  const { start, end } = range;
  const whole = Number.isSafeInteger(start) && Number.isSafeInteger(end);
  if (whole && start >= 0 && start <= end && end <= byteLength) return;
  throw new StoreError(
    `File "${path}" has ${byteLength} bytes; bytes ${start} to ${end} were asked for.`,
    { code: 'SHORT_FILE' },
  );
}
