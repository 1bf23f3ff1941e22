import type { Config } from '../config.js'
import type { RunLog } from './run-log.js'
import type { Output } from './terminal/output.js'

export type Environment = Readonly<Record<string, string | undefined>>

/** What a command may know of the world around it. */
export interface App {
  readonly version: string
  /** The package root. */
  readonly root: string
  /** The compiled `main.js`: a role runs as a process of its own. */
  readonly entry: string
  readonly env: Environment
  readonly output: Output
  /** Of a command that writes a log (`log`). */
  log(): Promise<RunLog>
  /** Aborts at the first Ctrl-C or SIGTERM: end cleanly. */
  readonly signal: AbortSignal
  /** Read when it is asked for, so that `--help` works whatever the environment says. Throws CONFIG_INVALID with every mistake. */
  config(): Config
}

/** A flag: `camelCase` key, `--kebab-case` on the command line, `TRIBUTARY_KEBAB_CASE` in the environment. */
export interface Flag<T> {
  readonly about: string
  /** Name of its value in the help; null = it is there or not. */
  readonly value: string | null
  /** Given more than once, the values are joined by commas. */
  readonly repeats?: true
  /** What it is when it is not given; undefined = it has to be given. */
  readonly absent: T | undefined
  readonly hidden?: true
  /** Throws with what it must be. */
  readonly parse: (text: string) => T
}

export type Flags = Readonly<Record<string, Flag<unknown>>>
/** An argument that may be left out; only the last one can be. */
export interface OptionalArgument {
  readonly optional: string
}
/** Name → what it is, in this order. */
export type Arguments = Readonly<Record<string, string | OptionalArgument>>
export type OptionsOf<F extends Flags> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never }
export type ArgumentsOf<A extends Arguments> = { readonly [K in keyof A]: A[K] extends string ? string : string | null }

/** A command is one value. `run` gives the exit code: 0 done, 1 refused or incomplete, 2 wrong usage. */
export interface Command<F extends Flags = Flags, A extends Arguments = Arguments> {
  /** `backfill`, or with its group: `dataset apply`. */
  readonly name: string
  readonly about: string
  /** What only its own help tells, below the flags. */
  readonly details?: string
  readonly arguments: A
  readonly flags: F
  /** It has `--json`: standard output is then exactly one JSON document. */
  readonly json: boolean
  readonly hidden?: true
  /** It ends cleanly by itself when `app.signal` aborts. Any other command is left at once. */
  readonly stopsItself?: true
  /** It runs as a service: what it says, and an error that ends it, is a log on standard error. */
  readonly log?: true
  readonly examples: readonly (readonly [line: string, about: string])[]
  run(app: App, options: OptionsOf<F>, args: ArgumentsOf<A>): Promise<number>
}

/** Infers what `run` is given from the declared flags and arguments. */
export function command<const F extends Flags, const A extends Arguments>(declared: Command<F, A>): Command {
  return declared
}
