import { describe, expect, it } from 'vitest';
import { formatAddress, memoryNet, parseAddress, tcpNet } from '../src/index.ts';
import { netSuite } from './net-suite.ts';

netSuite('TCP', tcpNet);
netSuite('memory', memoryNet);

describe('addresses', () => {
  it.each(['127.0.0.1:8081', 'db.example.com:1', '[::1]:65535'])('reads and writes %s', (text) => {
    expect(formatAddress(parseAddress(text))).toBe(text);
  });
});

describe('faults of a memory network', () => {
  it('cuts the streams of an address', async () => {
    const net = memoryNet();
    const listener = await net.listen('node:1', () => {});
    const socket = await net.connect('node:1');
    const closed = new Promise<void>((resolve) => {
      socket.onClose(resolve);
    });
    net.cut(listener.address);
    await expect(closed).resolves.toBeUndefined();
  });

  it('loses bytes of a silent address both ways and tells nobody', async () => {
    const net = memoryNet();
    const heard: string[] = [];
    await net.listen('node:1', (far) => {
      far.onData((bytes) => {
        heard.push(`request ${bytes[0]}`);
        far.write(bytes);
      });
    });
    const near = await net.connect('node:1');
    near.onClose(() => heard.push('closed'));
    const answered = new Promise<void>((resolve) => {
      near.onData((bytes) => {
        heard.push(`answer ${bytes[0]}`);
        resolve();
      });
    });
    net.silence('node:1');
    expect(near.write(Uint8Array.of(1))).toBe(true);
    net.restore('node:1');
    near.write(Uint8Array.of(2));
    await answered;
    expect(heard).toEqual(['request 2', 'answer 2']);
  });
});
