import type { RemoteRequest } from '../../../model/remote-request.ts';

export type NewRequest = { request: RemoteRequest; instance: string; who: string; atMs: number };
export type OpenRequest = { app: string; instance: string; request: RemoteRequest };

export type RequestStore = {
  /** @returns null if it waits now, or why it cannot */
  addRequest(app: string, request: NewRequest): Promise<'no-instance' | 'waits-already' | 'too-many' | null>;
  /** Those of all apps that wait for their instance. */
  openRequests(nowMs: number): Promise<OpenRequest[]>;
};
