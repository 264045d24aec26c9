/** Step 6. Commits all segments of the job in one metadata transaction. */
import { StoreError } from '@isotherm/errors';
import type { Job, MetadataStore } from '@isotherm/metadata';
import type { SegmentDescriptor } from '@isotherm/timeline';

/**
 * Publishes the job. When the store's answer is lost, the job's own row tells whether the transaction was
 * committed; if it was not, one more try is safe, because publishing twice changes nothing.
 *
 * @throws ConflictError code LEASE_LOST, StoreError
 */
export async function publishJob(
  metadata: MetadataStore,
  job: Job,
  segments: readonly SegmentDescriptor[],
): Promise<void> {
  try {
    await metadata.publishJob(job.jobId, segments);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const found = await metadata.job(job.jobId);
    if (found?.state === 'published' || found?.state === 'visible') return;
    await metadata.publishJob(job.jobId, segments);
  }
}
