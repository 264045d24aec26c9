/**
 * The first frame of each side.
 *
 *   magic       u32   "ISOT"
 *   oldest      u16   oldest protocol version that the side speaks
 *   newest      u16   newest one
 *
 * Both then speak the newest version that both know; without one, neither sends more.
 */
import { UnavailableError } from '@isotherm/errors';
import { protocolFault } from './frame.ts';

/** Protocol versions that this build speaks. */
const spokenVersions = { oldest: 1, newest: 1 };

const magic = 0x544f_5349;
const helloBytes = 8;

/** Encodes the payload of a hello frame. */
export function encodeHello(versions = spokenVersions): Uint8Array {
  const bytes = new Uint8Array(helloBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint16(4, versions.oldest, true);
  view.setUint16(6, versions.newest, true);
  return bytes;
}

/**
 * Decodes the peer's hello and agrees on a version. Bytes after the known ones are ignored, so that
 * later versions can say more.
 *
 * @throws UnavailableError code PROTOCOL_FAULT if it is no hello, PROTOCOL_MISMATCH without a common version
 */
export function agreeOnVersion(payload: Uint8Array): number {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  if (payload.length < helloBytes || view.getUint32(0, true) !== magic) {
    throw protocolFault('the peer is not an Isotherm node');
  }
  const peer = { oldest: view.getUint16(4, true), newest: view.getUint16(6, true) };
  const version = Math.min(peer.newest, spokenVersions.newest);
  if (version >= Math.max(peer.oldest, spokenVersions.oldest)) return version;
  throw new UnavailableError(
    `The peer speaks protocol versions ${peer.oldest} to ${peer.newest}, this node ${spokenVersions.oldest} to ${spokenVersions.newest}. Upgrade the older one.`,
    { code: 'PROTOCOL_MISMATCH', details: { peer } },
  );
}
