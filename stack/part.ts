import type { MavenFetch } from './maven.js'
import type { PartName, Profile } from './services.js'
import type { Credentials, PartState } from './state.js'

/** One server of the stack: what it is made of, how it starts, and how to ask whether it serves. */
export interface Part {
  readonly name: PartName
  /** The program; `s3` may be one of two. */
  readonly kind: string
  readonly version: string
  /** The ports it listens on; the first one is for clients. */
  readonly ports: readonly string[]
  readonly download: PartDownload | null
  /** How long a start may take while the process lives (a broker recovers its log after a hard stop). */
  readonly patienceMs: number
  /** Before every start: configuration files, first-time formatting. */
  prepare?(launch: Launch): Promise<void>
  command(launch: Launch): Promise<Command>
  /** Asks the server itself: true when it serves, and is ours. */
  serves(state: PartState, o: Asking): Promise<boolean>
}

export interface PartDownload extends MavenFetch {
  /** The name of the cached folder. */
  readonly folder: string
  readonly megabytes: number
  /** The one fetched file is an archive to unpack. */
  readonly unpack?: boolean
}

/** What a part may use to start. */
export interface Launch {
  readonly java: string
  /** Files of the finished download, in a fixed order. */
  readonly files: readonly string[]
  /** The cached folder of the download. */
  readonly home: string
  /** The data folder, also the working directory: configurations name files relative to it where they can, so that no path needs quoting. */
  readonly dir: string
  /** Class-data archive, shared between checkouts: written when a JVM stops, it halves the next start. */
  readonly archive: string
  /** Emptied before every start: a server that was killed leaves unpacked libraries there. */
  readonly temporary: string
  readonly ports: Readonly<Record<string, number>>
  readonly credentials: Credentials
  readonly profile: Profile
}

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface Asking {
  readonly dataDir: string
  readonly credentials: Credentials
  readonly withinMs: number
}

/** JVM settings that all parts share. */
export function jvm(o: { heapMb: number; quick: boolean; launch: Pick<Launch, 'archive' | 'temporary'> }): string[] {
  return [
    '-Xms32m',
    `-Xmx${o.heapMb}m`,
    '-Xss512k',
    '-XX:+UseSerialGC',
    '-XX:+ExitOnOutOfMemoryError',
    '-XX:ReservedCodeCacheSize=96m',
    ...(o.quick ? ['-XX:TieredStopAtLevel=1'] : []),
    // Its remarks on the archive would hide the reason when a start goes wrong.
    '-Xlog:disable',
    '-Xlog:all=error:stderr',
    '-XX:+AutoCreateSharedArchive',
    `-XX:SharedArchiveFile=${o.launch.archive}`,
    '-Djava.awt.headless=true',
    `-Djava.io.tmpdir=${o.launch.temporary}`,
  ]
}
