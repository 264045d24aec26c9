import { describe, expect, it } from 'vitest';
import { headerText, responseContextText } from '../src/response-context.ts';
import { answerContext } from './edge.ts';

describe('the response context', () => {
  it('is the facts of the answer as JSON', () => {
    expect(JSON.parse(responseContextText(answerContext))).toEqual({
      ...answerContext,
      uncoveredIntervalsOverflowed: false,
    });
  });

  it('is ASCII, whatever datasources are called', () => {
    const text = responseContextText({ ...answerContext, missingSegments: ['ädś_😀'] });
    expect(text).toMatch(/^[\x20-\x7e]*$/);
    expect((JSON.parse(text) as { missingSegments: string[] }).missingSegments).toEqual(['ädś_😀']);
  });

  it('lists fewer names where it would be longer than 7 KiB, and says so', () => {
    const missingSegments = Array.from(
      { length: 1000 },
      (_, index) => `ads_segment_number_${index}`,
    );
    const text = responseContextText({ ...answerContext, missingSegments });
    expect(text.length).toBeLessThanOrEqual(7 * 1024);
    const read = JSON.parse(text) as { missingSegments: string[] };
    expect(read).toMatchObject({ missingSegmentsOverflowed: true, timelineVersion: 5 });
    expect(read.missingSegments).toEqual(missingSegments.slice(0, read.missingSegments.length));
    expect(read.missingSegments.length).toBeGreaterThan(100);
  });
});

it.each([
  ['plain', 'a-1 b', 'a-1 b'],
  ['with a line break', 'a\r\nSet-Cookie: x', 'a%0D%0ASet-Cookie%3A%20x'],
  ['with letters beyond ASCII', 'é', '%C3%A9'],
])('a query id %s fits into a header', (_name, id, text) => {
  expect(headerText(id)).toBe(text);
});
