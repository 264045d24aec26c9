/** A half-open span of time, `[start, end)`, in epoch milliseconds UTC. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}
