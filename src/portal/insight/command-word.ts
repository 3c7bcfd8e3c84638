/** A sender's name for a command to copy into a shell; the placeholder if the name is not safe there. */
export function commandWord(name: string, placeholder: string): string {
  return /^[\w][\w.@~-]*$/.test(name) ? name : placeholder;
}
