import type { Server, Socket } from 'node:net';

/** @returns how many connections are open; `getConnections` answers only later */
export function countConnections(server: Server): () => number {
  let open = 0;
  server.on('connection', (socket: Socket) => {
    open++;
    socket.once('close', () => open--);
  });
  return () => open;
}
