export type { Batch, IdArray, NumberArray } from './batch.ts';
export {
  joinLanes,
  lookUpIds,
  lookUpNumbers,
  readIds,
  readLanes,
  readNumbers,
  roundToFloats,
  splitLanes,
  truncateNumbers,
} from './read-columns.ts';
export {
  andMask,
  maskFalse,
  maskTrue,
  maskUnknown,
  nextNotTrue,
  nextTrue,
  notMask,
  orMask,
  selectTrue,
} from './mask.ts';
export { testLists, testNulls, testRange, testSet, testTable } from './filter.ts';
export {
  addRange,
  collectRows,
  dropNulls,
  dropUnknownIds,
  explodeRows,
  explodedCount,
  markRows,
  sortRowsByTime,
} from './rows.ts';
export {
  addDenseKeys,
  addMappedKeys,
  addNumberKeys,
  addWideKeys,
  assignDenseSlots,
  assignHashSlots,
  dropMinusZero,
  grownNumbers,
  makeDenseSlots,
  makeHashSlots,
  mapIds,
  offsetIds,
  shiftIdsForNull,
  splitKeys,
} from './group-key.ts';
export type { DenseSlots, HashSlots } from './group-key.ts';
export {
  addDoubles,
  addLanes,
  addSums1,
  addSums2,
  addSums3,
  addSums4,
  carryLanes,
  countSlots,
  findCounted,
  keepGreatest,
  keepGreatestLanes,
  keepLeast,
  keepLeastLanes,
  lanesCarryEvery,
  markSlots,
} from './accumulate.ts';
export type { IntegerArray, RowRuns, SumLayout } from './integer-sums.ts';
export {
  addIntegerSums,
  addRunSums,
  findUsedSlots,
  pickRowCounts,
  pickSums,
  planSumLayout,
  sumPackSize,
} from './integer-sums.ts';
export type { KernelMemory } from './wasm/kernel-memory.ts';
export { isInKernelMemory, kernelMemory, requireKernels } from './wasm/module.ts';
export {
  scratchBytes,
  scratchIds,
  scratchLongs,
  scratchNumbers,
  withScratch,
} from './wasm/scratch.ts';
export { compareCodePoints } from './string-order.ts';
export type { TextEntries } from './text-table.ts';
export { TextTable, pickTexts } from './text-table.ts';
export { murmur3Hash128 } from './murmur3.ts';
export {
  addHyperUniqueBytes,
  addHyperUniqueText,
  estimateHyperUnique,
  hyperUniqueMark,
  hyperUniqueRegisterCount,
  mergeHyperUnique,
} from './hyper-unique.ts';
export { encodeHyperUniqueMarks, maxHyperUniqueMarks } from './hyper-unique-marks.ts';
export { encodeHyperUnique, foldHyperUnique, foldHyperUniqueAt } from './hyper-unique-image.ts';
