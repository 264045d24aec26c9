/** `host:port` text; an IPv6 host stands in brackets. */
import { InvalidInputError } from '@isotherm/errors';

/** A host name or number, without brackets, and a port from 0 to 65535. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** @throws InvalidInputError code BAD_ADDRESS */
export function parseAddress(text: string): Address {
  const found = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(text);
  const host = found?.[1] ?? found?.[2];
  const port = Number(found?.[3]);
  if (host === undefined || port > 65_535) {
    throw new InvalidInputError(
      `Address "${text}" cannot be read. Expected host:port, such as 127.0.0.1:8081 or [::1]:8081.`,
      { code: 'BAD_ADDRESS' },
    );
  }
  return { host, port };
}

/** Writes what `parseAddress` reads. */
export function formatAddress(address: Address): string {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}
