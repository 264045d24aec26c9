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
export type { BitsJoin } from './row-tests.ts';
export {
  andBits,
  joinBits,
  orBits,
  replaceBits,
  setBytes,
  testBetween,
  testEach,
  testIdSet,
  testLists,
  testRun,
  testSorted,
  testValidity,
  wordsOf,
} from './row-tests.ts';
export { greatestId, neverFalls, postingsFit } from './checks.ts';
export type { Postings, RangeCursor, Runs } from './row-lists.ts';
export { listPostings, longStep, markPostings, selectRows, takeRanges } from './row-lists.ts';
export type { SearchedTexts, TextBytes } from './text-search.ts';
export { compareTexts, findTexts, sampleBytes, sampleTexts } from './text-search.ts';
export { dropNulls, dropUnknownIds, explodeRows, explodedCount, sortRowsByTime } from './rows.ts';
export {
  addDenseKeys,
  addMappedKeys,
  addNumberKeys,
  addWideColumnKeys,
  addWideKeys,
  assignDenseSlots,
  dropMinusZero,
  grownIds,
  grownLongs,
  grownNumbers,
  makeDenseSlots,
  mapIds,
  offsetIds,
  shiftIdsForNull,
  splitKeys,
  splitWideKeys,
} from './group-key.ts';
export type { DenseSlots } from './group-key.ts';
export type { JoinedIds } from './join-ids.ts';
export { joinIds } from './join-ids.ts';
export type { HashSlots } from './hash-slots.ts';
export { assignHashSlots, makeHashSlots } from './hash-slots.ts';
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
  foldSums,
  pickRowCounts,
  pickSums,
  planSumLayout,
  sumPackSize,
} from './integer-sums.ts';
export type { KernelMemory } from './wasm/kernel-memory.ts';
export { isInKernelMemory, kernelMemory, requireKernels } from './wasm/module.ts';
export {
  limitScratch,
  releaseScratch,
  roomOfIds,
  roomOfLongs,
  roomOfNumbers,
  scratchBytes,
  scratchIds,
  scratchLongs,
  scratchNumbers,
  withScratch,
} from './wasm/scratch.ts';
export { compareCodePoints } from './string-order.ts';
export type { TextEntries } from './text-table.ts';
export { TextTable, pickTexts } from './text-table.ts';
export { findAtLeast, kthGreatest } from './greatest.ts';
export { murmur3Hash128 } from './murmur3.ts';
export {
  addHyperUniqueText,
  estimateHyperUnique,
  hyperUniqueMark,
  hyperUniqueRegisterCount,
  hyperUniqueTextMark,
} from './hyper-unique.ts';
export type { HyperUniqueEffects } from './hyper-unique-columns.ts';
export {
  foldImages,
  hashTexts,
  mergeSketches,
  raiseByIds,
  raiseByLongs,
  raiseByRows,
  spreadEffects,
} from './hyper-unique-columns.ts';
export { encodeHyperUniqueMarks, maxHyperUniqueMarks } from './hyper-unique-marks.ts';
export { encodeHyperUnique, foldHyperUnique, foldHyperUniqueAt } from './hyper-unique-image.ts';
