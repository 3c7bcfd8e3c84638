/**
 * Can another user have put this entry there, for us to use? Anyone can add entries to a directory that all can write to,
 * also with the sticky bit (`/tmp`).
 */
export function isPlanted(
  { uid }: { uid: number },
  parent: { mode: number },
  ownUid: number | undefined,
): boolean {
  return uid !== ownUid && uid !== 0 && (parent.mode & 0o002) !== 0;
}
