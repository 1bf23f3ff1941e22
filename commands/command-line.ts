import { Argument, Command as Commander, CommanderError, Option } from 'commander'
import { TributaryError } from '../schemas/errors.js'
import type { Command, Environment, Flag } from './command.js'
import { yesOrNo } from './flags.js'

/** A command line that was understood: the command with its values, not run yet. */
export interface Chosen {
  readonly command: Command
  readonly options: Readonly<Record<string, unknown>>
  readonly args: Readonly<Record<string, string | null>>
  readonly json: boolean
}

export type Understood =
  | { readonly kind: 'chosen'; readonly chosen: Chosen }
  /** Help or version: all is said. */
  | { readonly kind: 'shown' }
  | { readonly kind: 'wrong'; readonly text: string }

export interface CommandSet {
  readonly commands: readonly Command[]
  /** What a group of commands is about. */
  readonly groups: Readonly<Record<string, string>>
  readonly version: string
}

/** Reads the command line; the environment fills in flags that are not given. Runs nothing. */
export function understand(set: CommandSet, argv: readonly string[], env: Environment, write: (text: string) => void): Understood {
  let chosen: Chosen | null = null
  let wrong = ''
  const program = makeProgram(set, (command, given, args) => {
    chosen = { ...valuesOf(command, given, env), command, args }
  })
  const configure = (part: Commander): void => {
    part
      .exitOverride()
      .configureHelp({ subcommandTerm: termOf })
      .configureOutput({
        writeOut: write,
        writeErr: text => {
          wrong += text
        },
      })
    part.commands.forEach(configure)
  }
  configure(program)
  try {
    program.parse([...argv], { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? { kind: 'shown' } : { kind: 'wrong', text: wrong.trimEnd() }
    if (error instanceof WrongFlags) return { kind: 'wrong', text: error.message }
    throw error
  }
  if (chosen === null) throw new TributaryError('WRONG_USAGE', 'no command was given')
  return { kind: 'chosen', chosen }
}

export const flagName = (key: string) => `--${key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
export const flagVariable = (key: string) => `TRIBUTARY_${key.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`

class WrongFlags extends Error {}

const jsonFlag: Flag<boolean> = {
  about: 'One JSON document on standard output, progress on standard error.',
  value: null,
  absent: false,
  parse: yesOrNo,
}

const termOf = (part: Commander) =>
  [part.name(), ...part.registeredArguments.map(each => (each.required ? `<${each.name()}>` : `[${each.name()}]`))].join(' ')

type Choose = (command: Command, given: Readonly<Record<string, unknown>>, args: Chosen['args']) => void

function makeProgram(set: CommandSet, choose: Choose): Commander {
  const program = new Commander('tributary')
    .description('Learning events (xAPI) through Kafka into research datasets that are always up to date, exactly once.')
    .version(set.version, '--version', 'Print the version.')
    .helpOption('-h, --help', 'Print this.')
    .helpCommand(false)
    .showHelpAfterError('See `tributary --help`.')
    .addHelpText('after', '\nEvery flag is also an environment variable, every setting is listed by `tributary config`.')
  const groups = new Map<string, Commander>()
  for (const command of set.commands) {
    const [first = '', second] = command.name.split(' ')
    if (second === undefined) {
      program.addCommand(makeCommand(command, first, choose), { hidden: command.hidden ?? false })
      continue
    }
    let group = groups.get(first)
    if (group === undefined) {
      group = new Commander(first).description(groupText(set, first)).helpCommand(false).helpOption('-h, --help', 'Print this.')
      group.showHelpAfterError(`See \`tributary ${first} --help\`.`)
      groups.set(first, group)
      program.addCommand(group)
    }
    group.addCommand(makeCommand(command, second, choose))
  }
  return program
}

/** The help of all shows what a group holds. */
function groupText(set: CommandSet, group: string): string {
  const names = set.commands.flatMap(({ name }) => (name.startsWith(`${group} `) ? [name.slice(group.length + 1)] : []))
  return `${set.groups[group] ?? ''} (${names.join(', ')})`
}

function makeCommand(command: Command, name: string, choose: Choose): Commander {
  const made = new Commander(name).description(command.about).helpOption('-h, --help', 'Print this.')
  made.showHelpAfterError(`See \`tributary ${command.name} --help\`.`)
  for (const [key, about] of Object.entries(command.arguments))
    made.addArgument(typeof about === 'string' ? new Argument(`<${key}>`, about) : new Argument(`[${key}]`, about.optional))
  for (const [key, flag] of flagsOf(command)) made.addOption(optionOf(key, flag))
  const examples = command.examples.map(([line, about]) => `  # ${about}\n  tributary ${line}`)
  if (command.details !== undefined) made.addHelpText('after', `\n${command.details}`)
  made.addHelpText('after', `\nExamples:\n${examples.join('\n')}`)
  const keys = Object.keys(command.arguments)
  made.action(() => choose(command, made.opts(), Object.fromEntries(keys.map((key, i) => [key, made.args[i] ?? null]))))
  return made
}

/** All values stay text here: one reader for the command line and the environment gives one set of messages. */
function optionOf(key: string, flag: Flag<unknown>): Option {
  const option = new Option(`${flagName(key)}${flag.value === null ? '' : ` <${flag.value}>`}`)
  option.attributeName = () => key
  option.description = `${flag.about} (${flag.absent === undefined ? 'required; ' : ''}env: ${flagVariable(key)})`
  if (flag.repeats) option.argParser((value: string, before: string | undefined) => (before === undefined ? value : `${before},${value}`))
  return option.hideHelp(flag.hidden ?? false)
}

function flagsOf(command: Command): readonly (readonly [key: string, flag: Flag<unknown>])[] {
  return [...Object.entries(command.flags), ...(command.json ? [['json', jsonFlag] as const] : [])]
}

/** All mistakes at once. */
function valuesOf(command: Command, given: Readonly<Record<string, unknown>>, env: Environment): Pick<Chosen, 'options' | 'json'> {
  const mistakes: string[] = []
  const options: Record<string, unknown> = {}
  for (const [key, flag] of flagsOf(command)) {
    // A variable set to nothing is not set: compose files and CI do that.
    const text = given[key] === undefined ? env[flagVariable(key)] || undefined : String(given[key])
    const name = given[key] === undefined && text !== undefined ? flagVariable(key) : flagName(key)
    if (text === undefined) {
      options[key] = flag.absent
      if (flag.absent === undefined) mistakes.push(`${name} is missing: ${flag.about}`)
      continue
    }
    try {
      options[key] = flag.parse(text)
    } catch (error) {
      mistakes.push(`${name} ${(error as Error).message} (given: ${text})`)
    }
  }
  if (mistakes.length > 0)
    throw new WrongFlags(`${mistakes.map(text => `error: ${text}`).join('\n')}\nSee \`tributary ${command.name} --help\`.`)
  return { options, json: options.json === true }
}
