import * as Args from '@oclif/core/args';
import {FiredrillCommand, type CommandClass, type ListedCommand} from './base.js';
import {FAULT_PAGE, PROBE_PAGE, readSections} from './reference/page.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** What can stand behind a command. */
interface Completed {
  /** Its words: `runs list`. */
  readonly words: string;
  readonly summary: string;
  /** With their dashes. */
  readonly flags: readonly string[];
  /** What it can be given beside files. */
  readonly names: readonly string[];
}

function flagsOf({flags}: CommandClass): readonly string[] {
  return Object.entries(flags).flatMap(([name, flag]) => [
    `--${name}`,
    ...('allowNo' in flag && flag.allowNo ? [`--no-${name}`] : []),
  ]);
}

/** One word of a shell, whatever is in it. */
const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

type Listed = Readonly<Record<string, ListedCommand>>;
/** What a first word that is no command of its own leads to. */
type Topics = Readonly<Record<string, string>>;

function bash(all: readonly Completed[], topicWords: Topics): readonly string[] {
  const first = [...new Set(all.map(({words}) => words.split(' ')[0] ?? ''))];
  const topics = Object.keys(topicWords).map(topic => {
    const second = all.filter(({words}) => words.startsWith(`${topic} `)).map(({words}) => words.split(' ')[1] ?? '');
    return `    ${topic}) words=${quoted(second.join(' '))} ;;`;
  });
  return [
    '_firedrill() {',
    '  local current="${COMP_WORDS[COMP_CWORD]}" command="${COMP_WORDS[1]}" words=""',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W ${quoted(first.join(' '))} -- "$current"))`,
    '    return',
    '  fi',
    '  case "$command" in',
    ...topics,
    '    *) ;;',
    '  esac',
    '  if [ -n "$words" ] && [ "$COMP_CWORD" -eq 2 ]; then',
    '    COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '    return',
    '  fi',
    '  [ -z "$words" ] || command="$command ${COMP_WORDS[2]}"',
    '  case "$command" in',
    ...all.map(({words, flags, names}) => `    ${quoted(words)}) words=${quoted([...flags, ...names].join(' '))} ;;`),
    '    *) words="" ;;',
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    'complete -o default -F _firedrill firedrill',
  ];
}

function fish(all: readonly Completed[], topics: Topics): readonly string[] {
  return all
    .flatMap(({words, summary, flags, names}) => {
      const [first = '', second] = words.split(' ');
      const seen = `__fish_seen_subcommand_from ${second ?? first}`;
      const offered =
        second === undefined
          ? `complete -c firedrill -n __fish_use_subcommand -f -a ${first} -d ${quoted(summary)}`
          : `complete -c firedrill -n '__fish_seen_subcommand_from ${first}' -f -a ${second} -d ${quoted(summary)}`;
      return [
        offered,
        ...flags.map(flag => `complete -c firedrill -n '${seen}' -l ${flag.slice(2)}`),
        ...(names.length === 0 ? [] : [`complete -c firedrill -n '${seen}' -f -a ${quoted(names.join(' '))}`]),
      ];
    })
    .concat(
      Object.entries(topics).map(
        ([topic, summary]) => `complete -c firedrill -n __fish_use_subcommand -f -a ${topic} -d ${quoted(summary)}`,
      ),
    );
}

/** The command for a list of commands that it is itself a part of. */
export function completionOf(listed: Listed, topics: Topics): CommandClass {
  return class Completion extends FiredrillCommand {
    static description = `Prints a script with which a shell completes commands, flags and the names of faults and probes.

  bash: echo 'eval "$(firedrill completion bash)"' >> ~/.bashrc
  zsh:  echo 'eval "$(firedrill completion zsh)"' >> ~/.zshrc
  fish: firedrill completion fish > ~/.config/fish/completions/firedrill.fish`;
    static args = {shell: Args.string({required: true, options: [...SHELLS], description: 'Which shell.'})};
    static flags = {};
    static examples = ['<%= config.bin %> completion bash'];

    async run(): Promise<void> {
      const {args} = await this.parse(Completion);
      const [faults, probes] = await Promise.all(
        [FAULT_PAGE, PROBE_PAGE].map(async page => [...(await readSections(this.installed.root, page)).keys()]),
      );
      const names: Readonly<Record<string, readonly string[] | undefined>> = {
        faults,
        new: faults,
        probes,
        completion: SHELLS,
      };
      const all = await Promise.all(
        Object.entries(listed).map(async ([id, {summary, load}]): Promise<Completed> => {
          const words = id.replaceAll(':', ' ');
          return {words, summary, flags: flagsOf(await load()), names: names[id] ?? []};
        }),
      );
      const zsh = ['autoload -U +X compinit && compinit', 'autoload -U +X bashcompinit && bashcompinit'];
      if (args.shell === 'fish') this.print(fish(all, topics));
      else this.print([...(args.shell === 'zsh' ? zsh : []), ...bash(all, topics)]);
    }
  };
}
