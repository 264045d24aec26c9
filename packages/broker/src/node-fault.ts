/** Tells faults of one node, after which a replica is asked, from those that any node would have. */
import { type ErrorKind, IsothermError } from '@isotherm/errors';

/**
 * True when another node may well answer: the node is lost, shutting down, overloaded, or its copy or
 * its disk is damaged. What is wrong with the query itself is not asked twice.
 */
export function isNodeFault(error: unknown): error is IsothermError {
  return error instanceof IsothermError && isOfNode(error.kind);
}

function isOfNode(kind: ErrorKind): boolean {
  switch (kind) {
    case 'UnavailableError':
    case 'CapacityError':
    case 'CorruptSegmentError':
    case 'StoreError':
    // The query itself was not cancelled, or nobody would ask: the node gave up on its own.
    case 'CancelledError':
      return true;
    case 'InvalidQueryError':
    case 'InvalidInputError':
    case 'ResourceLimitError':
    case 'NotFoundError':
    case 'ConflictError':
    case 'TimeoutError':
    case 'InvariantError':
      return false;
  }
}
