/**
 * Contents page of the kernels in AssemblyScript: what is exported here is what `src/wasm/module.ts`
 * declares. All arguments are addresses (bytes) or counts of elements; `rows` 0 means the
 * consecutive rows from `start`. Arrays have 64 readable bytes behind their last element.
 */
export { greatestId, neverFalls, postingsFit } from './checks';
export { findAtLeast, kthGreatest } from './greatest';
export { assignHashSlots, moveHashSlots } from './hash-slots';
export {
  foldImages,
  hashTexts,
  mergeSketches,
  raiseByIds,
  raiseByLongs,
  raiseByRows,
  spreadEffects,
} from './hyper-unique';
export { addIdKeys, addMappedKeys, addWideIdKeys, joinByteIds, mapIds, readIds } from './keys';
export {
  addDoubles,
  addNumbers,
  dropNulls,
  dropUnknownIds,
  keepExtremeLanes,
  keepGreatest,
  keepLeast,
  lookUpNumbers,
  readLanes,
  readNumbers,
} from './numbers';
export { addRunLengths, addRunSums, foldSums } from './ranges';
export { markPostings, selectRows, takeRanges } from './row-lists';
export { testBetween, testIdSet, testRun, testSorted, testValidity } from './row-tests';
export {
  assignDenseSlots,
  countSlots,
  markSlots,
  pickNumbers,
  splitKeys,
  splitWideKeys,
  usedCounts,
  usedSlots,
} from './slots';
export { addSums1, addSums2, addSums4 } from './sums';
export { findTexts } from './text-search';
export { assignTextIds, copyTexts, placeTexts } from './text-table';
