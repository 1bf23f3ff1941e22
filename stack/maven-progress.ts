const units: Readonly<Record<string, number>> = { B: 1, kB: 1_000, MB: 1_000_000 }

/** Adds up how many of the wanted bytes Maven has fetched, from what it prints when nobody told it to be quiet. */
export class MavenProgress {
  private readonly finished = new Set<string>()
  private inFlight = 0
  private rest = ''

  constructor(private readonly wanted: ReadonlyMap<string, number>) {}

  /** Takes the next piece of Maven's output (it ends its progress lines with a carriage return). */
  feed(text: string): void {
    const lines = (this.rest + text).split(/[\r\n]/)
    this.rest = lines.pop()!
    for (const line of lines) this.line(line)
  }

  bytes(): number {
    const total = sum(this.wanted.values())
    const done = sum([...this.finished].map(name => this.wanted.get(name) ?? 0))
    return Math.min(total, done + this.inFlight)
  }

  private line(line: string): void {
    const done = /Downloaded from .*\/([^/\s]+) \(/.exec(line)?.[1]
    if (done !== undefined) {
      this.finished.add(done)
      this.inFlight = 0
    }
    const running = /^Progress \(\d+\): (.*)/.exec(line)?.[1]
    if (running !== undefined) this.inFlight = sum(running.split(' | ').map(transferred))
  }
}

/** `5.5/6.7 MB`, `812 kB`, `kafka.jar (5.5/6.7 MB)` → bytes so far. */
function transferred(text: string): number {
  const match = /([\d.]+)(?:\/[\d.]+)? (B|kB|MB)\b/.exec(text)
  return match === null ? 0 : Number(match[1]) * (units[match[2]!] ?? 0)
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}
