/** `O_PATH` of Linux, which is not among Node's constants: a descriptor for a place, which opens nothing. */
export const O_PATH = 0o10000000;
