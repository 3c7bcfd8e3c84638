interface Reason {
  text: string;
}

/** Ends the process deliberately. */
function refuse(reason: Reason): void {
  process.exit(reason.text.length);
}

function serve(reason: Reason): void {
  refuse(reason);
}

serve({ text: 'no' });
