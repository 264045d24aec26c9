/** What every `Net` must do; a test calls it with a factory and an address to listen on (port 0). */
import { describe, expect, it } from 'vitest';
import type { Net, Socket } from '../src/index.ts';

/** Declares the suite. */
export function netSuite(name: string, open: () => Net): void {
  const anyPort = '127.0.0.1:0';

  const connected = async (): Promise<{
    near: Socket;
    far: Socket;
    close: () => Promise<void>;
  }> => {
    const net = open();
    const accepted = Promise.withResolvers<Socket>();
    const listener = await net.listen(anyPort, accepted.resolve);
    const near = await net.connect(listener.address);
    return { near, far: await accepted.promise, close: () => listener.close() };
  };

  describe(`${name} as a network`, () => {
    it('gives the real port where 0 was asked for', async () => {
      const listener = await open().listen(anyPort, () => {});
      expect(listener.address).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
      await listener.close();
    });

    it('carries bytes both ways in order, also those sent before anyone listens', async () => {
      const { near, far, close } = await connected();
      near.write(Uint8Array.of(1, 2));
      near.write(Uint8Array.of(3));
      far.write(Uint8Array.of(9));
      expect(await take(far, 3)).toEqual([1, 2, 3]);
      expect(await take(near, 1)).toEqual([9]);
      await close();
    });

    it('delivers later, never inside write', async () => {
      const { near, far, close } = await connected();
      let isWriting = true;
      const arrived = Promise.withResolvers<boolean>();
      far.onData(() => arrived.resolve(isWriting));
      near.write(Uint8Array.of(1));
      isWriting = false;
      expect(await arrived.promise).toBe(false);
      await close();
    });

    it('tells a writer to wait and when to go on', async () => {
      const { near, far, close } = await connected();
      const chunk = new Uint8Array(64 * 1024);
      let sent = chunk.length;
      while (near.write(chunk) && sent < 1 << 28) sent += chunk.length;
      expect(sent).toBeLessThan(1 << 28);
      const drained = new Promise<void>((resolve) => {
        near.onDrain(resolve);
      });
      const received = new Promise<number>((resolve) => {
        let total = 0;
        far.onData((bytes) => {
          total += bytes.length;
          if (total >= sent) resolve(total);
        });
      });
      await drained;
      expect(await received).toBe(sent);
      await close();
    });

    it('tells both sides once that a stream was destroyed', async () => {
      const { near, far, close } = await connected();
      let closings = 0;
      const ended = Promise.all(
        [near, far].map(
          (side) =>
            new Promise<void>((resolve) => {
              side.onData(() => {});
              side.onClose(() => {
                closings++;
                resolve();
              });
            }),
        ),
      );
      near.destroy();
      near.destroy();
      await ended;
      far.destroy();
      expect(near.write(Uint8Array.of(1))).toBe(false);
      expect(far.write(Uint8Array.of(1))).toBe(false);
      await new Promise<void>((resolve) => {
        near.onClose(resolve);
      });
      expect(closings).toBe(2);
      await close();
    });

    it('breaks the open streams when the listener closes', async () => {
      const { near, close } = await connected();
      const ended = new Promise<void>((resolve) => {
        near.onData(() => {});
        near.onClose(resolve);
      });
      await close();
      await expect(ended).resolves.toBeUndefined();
    });

    it('says where nothing listens', async () => {
      const net = open();
      const listener = await net.listen(anyPort, () => {});
      await listener.close();
      const { address } = listener;
      await expect(net.connect(address)).rejects.toMatchObject({
        kind: 'UnavailableError',
        message: `Node "${address}" cannot be reached. Nothing listens there; is the node running?`,
        details: { address },
      });
    });

    it('does not share an address', async () => {
      const net = open();
      const listener = await net.listen(anyPort, () => {});
      const { address } = listener;
      await expect(net.listen(address, () => {})).rejects.toMatchObject({
        kind: 'UnavailableError',
        message: `Node "${address}" cannot be listened on. Another process listens there; choose another port.`,
      });
      await listener.close();
    });

    it('refuses an address that is none', async () => {
      for (const address of ['here', ':80', 'a:b', 'host:70000']) {
        await expect((async () => open().connect(address))()).rejects.toMatchObject({
          code: 'BAD_ADDRESS',
        });
      }
    });
  });
}

function take(socket: Socket, count: number): Promise<number[]> {
  return new Promise((resolve) => {
    const taken: number[] = [];
    socket.onData((bytes) => {
      taken.push(...bytes);
      if (taken.length >= count) resolve(taken);
    });
  });
}
