/** Orders rows of runs by their metrics, where no key tells them apart; the order accumulators have. */
import { foldHyperUnique, hyperUniqueRegisterCount } from '@isotherm/kernels';
import type { MetricInput } from '../rows/accumulators.ts';
import type { NumberRows } from '../rows/number-column.ts';

/** @returns below 0 when row `leftRow` comes first; 0 when every metric is equal */
export function compareMetrics(
  left: readonly MetricInput[],
  leftRow: number,
  right: readonly MetricInput[],
  rightRow: number,
): number {
  for (let place = 0; place < left.length; place++) {
    const [a, b] = [left[place], right[place]];
    let order = 0;
    if (a.type === 'numbers' && b.type === 'numbers') {
      order = compareNumbers(a.numbers, leftRow, b.numbers, rightRow);
    } else if (a.type === 'images' && b.type === 'images') {
      order = compareImages(a.images[leftRow], b.images[rightRow]);
    }
    if (order !== 0) return order;
  }
  return 0;
}

/** Nulls first, then by value. */
function compareNumbers(
  left: NumberRows,
  leftRow: number,
  right: NumberRows,
  rightRow: number,
): number {
  const isLeftNull = left.nulls?.[leftRow] === 1;
  const isRightNull = right.nulls?.[rightRow] === 1;
  if (isLeftNull || isRightNull) return Number(isRightNull) - Number(isLeftNull);
  const order = left.values[leftRow] - right.values[rightRow];
  if (order !== 0 || (left.wide === null && right.wide === null)) return order;
  const [a, b] = [exact(left, leftRow), exact(right, rightRow)];
  return a < b ? -1 : a > b ? 1 : 0;
}

function exact({ wide, values }: NumberRows, row: number): bigint {
  return wide?.get(row) ?? BigInt(values[row]);
}

/** By what values did to the sketches: register and position, the least that only one of them has. */
function compareImages(left: Uint8Array, right: Uint8Array): number {
  const [a, b] = [registersOf(left), registersOf(right)];
  for (let register = 0; register < a.length; register++) {
    if (a[register] === b[register]) continue;
    if (a[register] === 0 || b[register] === 0) return emptyOrder(a, b, register);
    return a[register] - b[register];
  }
  return 0;
}

/** A list of marks that ends here comes first, else the one whose next mark is less. */
function emptyOrder(a: Uint8Array, b: Uint8Array, register: number): number {
  const shorter = a[register] === 0 ? a : b;
  const hasMore = shorter.subarray(register).some((position) => position !== 0);
  const isLeftLater = (a[register] === 0) === hasMore;
  return isLeftLater ? 1 : -1;
}

function registersOf(image: Uint8Array): Uint8Array {
  const registers = new Uint8Array(hyperUniqueRegisterCount);
  if (image.length > 0) foldHyperUnique(image, registers, 0);
  return registers;
}
