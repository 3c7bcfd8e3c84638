/** Is a script (absolute, without links) a wrapper's? See wrapper-script.cjs. */
export function isWrapperScript(script: string): boolean;
