// Usage: write-completions.ts FOLDER
// Completions of the command line for bash, zsh and fish, made from its own table of verbs and options.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command, Help, type Option } from 'commander';
import type { CliContext } from '../src/cli/context.ts';
import { loadVerbs } from '../src/cli/verbs/verbs.ts';

type Entry = { word: string; description: string };
/** What can follow the verbs so far: `''`, `portal`, `portal tokens`. */
type Place = { verbs: string; entries: Entry[] };

const program = new Command('crashmon');
for (const add of await loadVerbs(undefined)) add(program, {} as CliContext);
const places = placesOf(program, '');

const folder = path.resolve(process.argv[2] ?? '.');
mkdirSync(folder, { recursive: true });
writeFileSync(path.join(folder, 'crashmon.bash'), bash());
writeFileSync(path.join(folder, '_crashmon'), zsh());
writeFileSync(path.join(folder, 'crashmon.fish'), fish());

function placesOf(command: Command, verbs: string): Place[] {
  const help = new Help();
  const below = command.commands.map((verb) => ({
    word: verb.name(),
    description: firstLine(help.subcommandDescription(verb)),
  }));
  const options = help.visibleOptions(command).flatMap(({ long, description }: Option) => {
    return long == null ? [] : [{ word: long, description: firstLine(description) }];
  });
  const own = { verbs, entries: [...below, ...options] };
  return [own, ...command.commands.flatMap((verb) => placesOf(verb, `${verbs} ${verb.name()}`.trim()))];
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/[`'"\\:[\]$]/g, '').trim();
}

function wordsOf({ entries }: Place): string {
  return entries.map(({ word }) => word).join(' ');
}

function verbsOf({ entries }: Place): Entry[] {
  return entries.filter(({ word }) => !word.startsWith('-'));
}

/** Verbs are the words that can follow those before; after `--` comes the app's own command. */
function bash(): string {
  const rows = places.map((place) => `    '${place.verbs}') words='${wordsOf(place)}' ;;`);
  const known = places.map(({ verbs }) => `'${verbs}'`).join('|');
  return `# bash completion for crashmon
_crashmon() {
  local at verbs= words=
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    if [[ \${COMP_WORDS[at]} == -- ]]; then
      if declare -F _command_offset >/dev/null; then _command_offset $((at + 1)); fi
      return
    fi
    case "\${verbs:+$verbs }\${COMP_WORDS[at]}" in
      ${known}) verbs=\${verbs:+$verbs }\${COMP_WORDS[at]} ;;
    esac
  done
  case $verbs in
${rows.join('\n')}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F _crashmon crashmon
`;
}

function zsh(): string {
  const rows = places.map(({ verbs, entries }) => {
    const lines = entries.map(({ word, description }) => `      '${word}:${description}'`);
    return `    '${verbs}') entries=(\n${lines.join('\n')}\n    ) ;;`;
  });
  const known = places.map(({ verbs }) => `'${verbs}'`).join('|');
  return `#compdef crashmon
local -a entries
local word verbs=
for word in "\${words[@]:1:$((CURRENT - 2))}"; do
  if [[ $word == -- ]]; then
    _files
    return
  fi
  case "\${verbs:+$verbs }$word" in
    ${known}) verbs=\${verbs:+$verbs }$word ;;
  esac
done
case $verbs in
${rows.join('\n')}
esac
_describe crashmon entries || _files
`;
}

function fish(): string {
  const lines = places.flatMap((place) => {
    const verbs = place.verbs.split(' ').filter((verb) => verb !== '');
    const after = verbs.map((verb) => `__fish_seen_subcommand_from ${verb}`);
    const without = verbsOf(place).map(({ word }) => word);
    const none = without.length === 0 ? [] : [`not __fish_seen_subcommand_from ${without.join(' ')}`];
    const when = [...after, ...none].join('; and ');
    const condition = when === '' ? '' : ` -n '${when}'`;
    return place.entries.map(({ word, description }) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${word}`;
      return `complete -c crashmon${condition} ${what} -d '${description}'`;
    });
  });
  return `# fish completion for crashmon\n${lines.join('\n')}\n`;
}
