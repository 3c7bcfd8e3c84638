/** To be pasted on an instance as it stands: keeps the token in a file, and starts the app with it. */
export function runCommands({
  app,
  secret,
  portalUrl,
}: {
  app: string;
  secret: string;
  portalUrl: string;
}): string {
  return `(umask 077; echo ${secret} > crashmon-token)
crashmon run ${nameOption(app)} \\
  --portal ${portalUrl} \\
  --portal-token-file crashmon-token \\
  -- node server.js`;
}

/** What begins with a dash would be read as an option. */
function nameOption(app: string): string {
  return app.startsWith('-') ? `--name=${shellWord(app)}` : `--name ${shellWord(app)}`;
}

/** As it is typed into a shell of POSIX. */
function shellWord(text: string): string {
  return /^[\w@%+:,./][\w@%+=:,./-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
