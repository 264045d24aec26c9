/**
 * Messages: a JSON part and binary attachments, spread over one or more frames.
 *
 *   jsonBytes        u32
 *   attachmentCount  u32
 *   attachmentBytes  u32[attachmentCount]
 *   json             UTF-8, then zeros up to a multiple of 8
 *   attachments      each from a multiple of 8 on, zeros between
 *
 * Little-endian. Attachments are neither copied nor looked into by the sender; the receiver gets
 * aligned views of the one buffer that holds the message.
 */
import { ResourceLimitError } from '@isotherm/errors';
import { protocolFault } from './frame.ts';
import type { Message } from './routes.ts';

/** The largest message: what a receiver is ready to hold for one item. */
export const maxMessageBytes = 1 << 30;

const fixedBytes = 8;
const padding = new Uint8Array(8);

/**
 * Encodes a message as parts to send one after the other.
 *
 * @returns parts that share the memory of the attachments
 * @throws ResourceLimitError code MESSAGE_TOO_LARGE above `maxMessageBytes`
 */
export function encodeMessage(message: Message<unknown>): Uint8Array[] {
  const json = new TextEncoder().encode(JSON.stringify(message.json));
  const tableBytes = fixedBytes + 4 * message.bytes.length;
  const head = new Uint8Array(aligned(tableBytes + json.length));
  const view = new DataView(head.buffer);
  view.setUint32(0, json.length, true);
  view.setUint32(4, message.bytes.length, true);
  const parts: Uint8Array[] = [head];
  let total = head.length;
  for (const [index, attachment] of message.bytes.entries()) {
    total += aligned(attachment.length);
    if (total > maxMessageBytes) {
      throw new ResourceLimitError(
        `A message between nodes is larger than ${maxMessageBytes} bytes. Ask for fewer rows, groups or columns, or a shorter interval.`,
        { code: 'MESSAGE_TOO_LARGE', details: { limitBytes: maxMessageBytes } },
      );
    }
    view.setUint32(fixedBytes + 4 * index, attachment.length, true);
    parts.push(attachment, padding.subarray(0, aligned(attachment.length) - attachment.length));
  }
  head.set(json, tableBytes);
  return parts.filter((part) => part.length > 0);
}

/**
 * Decodes a whole message.
 *
 * @param bytes kept: attachments are views of it
 * @throws UnavailableError code PROTOCOL_FAULT if lengths do not add up or the JSON is none
 */
export function decodeMessage(bytes: Uint8Array): Message<unknown> {
  if (bytes.length < fixedBytes) throw protocolFault('a message is cut short');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const jsonBytes = view.getUint32(0, true);
  const count = view.getUint32(4, true);
  const tableBytes = fixedBytes + 4 * count;
  let position = aligned(tableBytes + jsonBytes);
  if (position > bytes.length) throw protocolFault('a message is cut short');
  const attachments: Uint8Array[] = [];
  for (let index = 0; index < count; index++) {
    const length = view.getUint32(fixedBytes + 4 * index, true);
    if (position + length > bytes.length) throw protocolFault('an attachment is cut short');
    attachments.push(bytes.subarray(position, position + length));
    position += aligned(length);
  }
  if (position !== bytes.length) throw protocolFault('a message is longer than its parts');
  return {
    json: parseJson(bytes.subarray(tableBytes, tableBytes + jsonBytes)),
    bytes: attachments,
  };
}

/** Parses JSON text of a frame. @throws UnavailableError code PROTOCOL_FAULT */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw protocolFault('the JSON of a message cannot be read');
  }
}

/** Cuts parts into runs of at most `limit` bytes each, without copying; at least one run. */
export function cutParts(parts: readonly Uint8Array[], limit: number): Uint8Array[][] {
  const runs: Uint8Array[][] = [[]];
  let room = limit;
  for (const part of parts) {
    for (let start = 0; start < part.length;) {
      if (room === 0) {
        runs.push([]);
        room = limit;
      }
      const piece = part.subarray(start, start + room);
      runs.at(-1)?.push(piece);
      room -= piece.length;
      start += piece.length;
    }
  }
  return runs;
}

/** Puts the payloads of a message's frames together; a single one is used as it is. */
export function joinPayloads(payloads: readonly Uint8Array[]): Uint8Array {
  const [only] = payloads;
  if (only !== undefined && payloads.length === 1) return only;
  const whole = new Uint8Array(payloads.reduce((sum, payload) => sum + payload.length, 0));
  let position = 0;
  for (const payload of payloads) {
    whole.set(payload, position);
    position += payload.length;
  }
  return whole;
}

function aligned(length: number): number {
  return (length + 7) & ~7;
}
