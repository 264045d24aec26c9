/** Finds out early that a port is taken, before minutes of work end in that. */
import { createServer } from 'node:net';
import { ConflictError, UnavailableError } from '@isotherm/errors';

/** @throws ConflictError code ADDRESS_IN_USE naming the next step; UnavailableError if the port may not be used */
export function checkPortIsFree(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === 'EADDRINUSE'
          ? new ConflictError(
              `Port ${port} is taken by another process. Stop that one, or add --port ${port + 1}, or --port 0 for any free port.`,
              { code: 'ADDRESS_IN_USE', cause },
            )
          : new UnavailableError(
              `Port ${port} cannot be listened on (${cause.code ?? cause.message}). Choose another one with --port.`,
              { code: 'PORT_REFUSED', cause },
            ),
      );
    });
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
  });
}
