import type { Server } from 'node:http';

/**
 * @returns the port
 * @throws Error that names the address and why it cannot be listened on
 */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'another process listens there' : cause.message;
      reject(new Error(`Cannot listen on ${host}:${port}: ${why}.`, { cause }));
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** Takes no new connections and ends each one when what is under way on it is answered. */
export function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    // A kept-alive connection would hold the server open for seconds after its last answer.
    server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'));
    const idle = setInterval(() => server.closeIdleConnections(), 20);
    server.once('close', () => clearInterval(idle));
    server.closeIdleConnections();
  });
}
