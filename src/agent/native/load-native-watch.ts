/** Loaded only when needed: most workers never crash, and the agent stays small. */
export type LoadedWatch = typeof import('./native-watch.ts');

/**
 * @param onMissing called where crashmon's own files are missing (an upgrade under way)
 * @returns null then; a later call tries again
 */
export async function loadNativeWatch(onMissing: (message: string) => void): Promise<LoadedWatch | null> {
  try {
    return await import('./native-watch.ts');
  } catch (error) {
    onMissing((error as Error).message);
    return null;
  }
}
