/** A name that others chose, to stand in a command that people copy into a shell; the placeholder unless it is harmless. */
export function commandWord(name: string, placeholder: string): string {
  return /^[\w][\w.@~-]*$/.test(name) ? name : placeholder;
}
