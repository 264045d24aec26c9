/**
 * The header `X-Druid-Response-Context`: what an answer covers and cost, as JSON. Proxies cut or refuse
 * long headers, so lists are shortened until it fits, and it says so.
 */
import type { QueryAnswerContext } from '@isotherm/rpc';

/** Druid's own limit. */
const maxBytes = 7 * 1024;

/** Writes the header's text: ASCII only, at most 7 KiB. */
export function responseContextText(context: QueryAnswerContext): string {
  const { uncoveredIntervals, missingSegments, ...rest } = context;
  for (let listed = Math.max(uncoveredIntervals.length, missingSegments.length); ; listed >>= 1) {
    const text = asciiJson({
      uncoveredIntervals: uncoveredIntervals.slice(0, listed),
      uncoveredIntervalsOverflowed: uncoveredIntervals.length > listed,
      missingSegments: missingSegments.slice(0, listed),
      ...(missingSegments.length > listed ? { missingSegmentsOverflowed: true } : {}),
      ...rest,
    });
    if (text.length <= maxBytes || listed === 0) return text;
  }
}

/** A query id as a header can carry it. */
export function headerText(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text.toWellFormed());
}

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
