const MAX_NAMES = 500;

/** The relative paths in `Class-Path` of an archive's manifest (JAR File Specification); lines go on after a space. */
export function manifestClassPath(manifest: string): string[] {
  const lines = manifest
    .slice(0, 256 * 1024)
    .replaceAll('\r\n', '\n')
    .replaceAll('\n ', '')
    .split('\n');
  const value = lines.find((line) => line.startsWith('Class-Path: '))?.slice('Class-Path: '.length) ?? '';
  return value.split(' ', MAX_NAMES).flatMap(pathIn);
}

/** They are URLs. */
function pathIn(name: string): string[] {
  const path = name.startsWith('file:') ? name.slice('file:'.length) : name;
  try {
    return path === '' || path.includes(':') ? [] : [decodeURIComponent(path)];
  } catch {
    return [];
  }
}
