import { IsothermError } from '@isotherm/errors';
import { seededRandom } from '@isotherm/platform';
import { describe, expect, it } from 'vitest';
import {
  type Frame,
  FrameDecoder,
  encodeHeader,
  headerBytes,
  maxPayloadBytes,
} from '../src/frame.ts';
import { agreeOnVersion, encodeHello } from '../src/hello.ts';
import {
  cutParts,
  decodeMessage,
  encodeMessage,
  joinPayloads,
  maxMessageBytes,
} from '../src/message.ts';

const payload = Uint8Array.from({ length: 37 }, (_, index) => index);
const frames: readonly Frame[] = [
  { kind: 'hello', callId: 0, isContinued: false, payload: encodeHello() },
  { kind: 'item', callId: 7, isContinued: true, payload },
  { kind: 'heartbeat', callId: 0, isContinued: false, payload: new Uint8Array() },
  { kind: 'end', callId: 0xffff_ffff, isContinued: false, payload: Uint8Array.of(1, 0, 0, 0) },
];
const stream = joinPayloads(
  frames.flatMap((frame) => [encodeHeader(frame, [frame.payload]), frame.payload]),
);

function decodeAll(chunks: readonly Uint8Array[]): Frame[] {
  const decoder = new FrameDecoder();
  const found: Frame[] = [];
  for (const chunk of chunks) decoder.push(chunk, (frame) => found.push(frame));
  return found;
}

/** What reading damaged bytes came to: the code of the error, or whether anything was read. */
function outcomeOf(read: () => readonly unknown[]): unknown {
  try {
    return read().length === 0 ? 'waits' : 'read';
  } catch (error) {
    return error instanceof IsothermError ? error.code : error;
  }
}

describe('frames', () => {
  it('come out the same wherever the stream is split in two', () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      expect(decodeAll([stream.subarray(0, cut), stream.subarray(cut)])).toEqual(frames);
    }
  });

  it('come out the same byte by byte', () => {
    expect(decodeAll([...stream].map((byte) => Uint8Array.of(byte)))).toEqual(frames);
  });

  it('are not handed on while a byte is missing', () => {
    expect(decodeAll([stream.subarray(0, -1)])).toEqual(frames.slice(0, -1));
  });

  it('are refused with any one byte changed, or wait for bytes that never come', () => {
    const frame = stream.subarray(0, headerBytes + 8);
    const outcomes = new Set<unknown>();
    for (let index = 0; index < frame.length; index++) {
      for (const mask of [0x01, 0x80, 0xff]) {
        const damaged = Uint8Array.from(frame);
        damaged[index] = (damaged[index] ?? 0) ^ mask;
        outcomes.add(outcomeOf(() => decodeAll([damaged])));
      }
    }
    expect(outcomes).toEqual(new Set(['PROTOCOL_FAULT', 'waits']));
  });

  it('longer than allowed are refused before anything is allocated', () => {
    const header = encodeHeader({ kind: 'item', callId: 1, isContinued: false }, []);
    new DataView(header.buffer).setUint32(0, maxPayloadBytes + 1, true);
    expect(() => decodeAll([header])).toThrow(
      'The stream between nodes is broken: a frame of 1048577 bytes was announced, at most 1048576 are allowed.',
    );
  });
});

describe('messages', () => {
  const message = {
    json: { text: 'ä€😀', list: [1, null] },
    bytes: [Uint8Array.of(1, 2, 3), new Uint8Array(), payload],
  };

  it.each([1, 7, 8, 64, 1_000])('come back from frames of %i bytes', (limit) => {
    const runs = cutParts(encodeMessage(message), limit);
    expect(decodeMessage(joinPayloads(runs.map(joinPayloads)))).toEqual(message);
  });

  it('give attachments aligned to 8 bytes, as views of the message', () => {
    const whole = joinPayloads(encodeMessage(message));
    for (const attachment of decodeMessage(whole).bytes) {
      expect(attachment.byteOffset % 8).toBe(0);
      expect(attachment.buffer).toBe(whole.buffer);
    }
  });

  it('share the memory of attachments with what is sent', () => {
    expect(encodeMessage(message).some((part) => part === payload)).toBe(true);
  });

  it('cut short at any byte are refused', () => {
    const whole = joinPayloads(encodeMessage(message));
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeMessage(whole.slice(0, length))).toThrow(
        'The stream between nodes is broken',
      );
    }
  });

  it('above the limit are refused by the sender', () => {
    const big = new Uint8Array(maxMessageBytes / 4);
    expect(() => encodeMessage({ json: null, bytes: [big, big, big, big] })).toThrow(
      'A message between nodes is larger than 1073741824 bytes. Ask for fewer rows, groups or columns, or a shorter interval.',
    );
  });

  it('of random shapes survive random damage or are refused', () => {
    const seed = 20_260_101;
    const outcomes = new Set<unknown>();
    const random = seededRandom(seed);
    const whole = joinPayloads(encodeMessage(message));
    for (let round = 0; round < 2_000; round++) {
      const damaged = Uint8Array.from(whole);
      damaged[Math.floor(random.next() * damaged.length)] = Math.floor(random.next() * 256);
      outcomes.add(outcomeOf(() => decodeMessage(damaged).bytes));
    }
    expect(outcomes, `seed ${seed}`).toEqual(new Set(['PROTOCOL_FAULT', 'read']));
  });
});

describe('hello', () => {
  it('agrees on the newest version that both speak', () => {
    expect(agreeOnVersion(encodeHello())).toBe(1);
    expect(agreeOnVersion(encodeHello({ oldest: 1, newest: 9 }))).toBe(1);
  });

  it('names both sides when they have no version in common', () => {
    expect(() => agreeOnVersion(encodeHello({ oldest: 2, newest: 3 }))).toThrow(
      'The peer speaks protocol versions 2 to 3, this node 1 to 1. Upgrade the older one.',
    );
  });

  it('refuses what is no node', () => {
    expect(() => agreeOnVersion(new TextEncoder().encode('GET / HTTP/1.1'))).toThrow(
      'The stream between nodes is broken: the peer is not an Isotherm node.',
    );
  });
});
