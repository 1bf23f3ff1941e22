/** A process as the broker's group sees it, until its session is over. */
class Session {
  ended = false
  readonly #over: Promise<void>
  #end: () => void = () => undefined

  constructor() {
    this.#over = new Promise(resolve => {
      this.#end = resolve
    })
  }

  get over(): Promise<void> {
    return this.#over
  }

  end(): void {
    this.ended = true
    this.#end()
  }
}

/** A simulated operating-system process: it runs, is paused and goes on, or is killed. */
export class Actor {
  readonly name: string
  /** May be broken by the seed; others do what the test wants done. */
  readonly breakable: boolean
  readonly stop = new AbortController()
  /** How far its machine's time of day is off, ms. */
  clockOffMs = 0
  dead = false
  paused = false
  awake: Promise<void> = Promise.resolve()
  session = new Session()
  #wake: () => void = () => undefined

  constructor(name: string, breakable: boolean) {
    this.name = name
    this.breakable = breakable
  }

  pause(): void {
    this.paused = true
    this.awake = new Promise(resolve => {
      this.#wake = resolve
    })
  }

  resume(): void {
    this.paused = false
    this.renew()
    this.#wake()
  }

  /** The broker hears of it again. */
  renew(): void {
    if (this.session.ended) this.session = new Session()
  }

  /** `kill -9`: whatever waits for it to wake up waits for ever. */
  kill(): void {
    this.dead = true
    this.awake = new Promise(() => undefined)
  }
}
