import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Items in memory before they go to the disk: at half a kilobyte each some 25 MB. */
const usualMost = 50_000
const blockBytes = 64 << 10

/** Sorted items, one by one. Several may ask at once. */
export interface Sorted<T> {
  /** undefined = that was the last. */
  next(): Promise<T | undefined>
  close(): Promise<void>
}

/**
 * Sorts more than fits into memory: what is too much goes to a file as sorted chunks of JSON lines, and is merged while it is read. Equal
 * items come out in the order in which they went in. The file has no name any more as soon as it is open, so a killed process leaves nothing.
 */
export class SpillSort<T> {
  readonly #folder: string
  readonly #compare: (a: T, b: T) => number
  readonly #most: number
  readonly #chunks: { readonly from: number; readonly to: number }[] = []
  #items: T[] = []
  #file: FileHandle | null = null
  #end = 0

  constructor(folder: string, compare: (a: T, b: T) => number, most = usualMost) {
    this.#folder = folder
    this.#compare = compare
    this.#most = most
  }

  /** Wait for what it returns, if anything. */
  add(item: T): Promise<void> | void {
    this.#items.push(item)
    if (this.#items.length >= this.#most) return this.#spill()
  }

  async #spill(): Promise<void> {
    this.#file ??= await openUnnamed(this.#folder)
    const items = this.#items.sort(this.#compare)
    this.#items = []
    const from = this.#end
    for (let at = 0; at < items.length; at += 1000) {
      const lines = items.slice(at, at + 1000).map(item => `${JSON.stringify(item)}\n`)
      const { bytesWritten } = await this.#file.write(Buffer.from(lines.join('')), 0, null, this.#end)
      this.#end += bytesWritten
    }
    this.#chunks.push({ from, to: this.#end })
  }

  /** What was added, sorted. Nothing more can be added then. */
  async sorted(): Promise<Sorted<T>> {
    const file = this.#file
    if (file === null) return fromMemory(this.#items.sort(this.#compare))
    if (this.#items.length > 0) await this.#spill()
    const cursors = this.#chunks.map(chunk => new Cursor<T>(file, chunk))
    const merged = await Merge.of(cursors, this.#compare)
    return { next: () => merged.next(), close: () => file.close() }
  }

  /** Of one that is not read to its end. */
  async close(): Promise<void> {
    await this.#file?.close()
  }
}

async function openUnnamed(folder: string): Promise<FileHandle> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, `sorting-${process.pid}-${crypto.randomUUID()}`)
  const file = await open(path, 'wx+')
  await rm(path)
  return file
}

function fromMemory<T>(items: readonly T[]): Sorted<T> {
  let at = 0
  return { next: async () => items[at++], close: async () => undefined }
}

/** Reads one chunk, a block at a time. */
class Cursor<T> {
  readonly #file: FileHandle
  readonly #to: number
  #at: number
  #rest: Buffer = Buffer.alloc(0)
  #items: T[] = []
  #next = 0

  constructor(file: FileHandle, { from, to }: { readonly from: number; readonly to: number }) {
    this.#file = file
    this.#at = from
    this.#to = to
  }

  get head(): T | undefined {
    return this.#items[this.#next]
  }

  /** On to the next item; at the end there is no head. */
  async step(): Promise<void> {
    if (++this.#next < this.#items.length) return
    this.#items = []
    this.#next = 0
    while (this.#items.length === 0 && this.#at < this.#to) {
      const block = Buffer.allocUnsafe(Math.min(blockBytes, this.#to - this.#at))
      const { bytesRead } = await this.#file.read(block, 0, block.length, this.#at)
      if (bytesRead === 0) throw new Error(`reading sorted chunks: the file ends at ${this.#at}, before ${this.#to}`)
      this.#at += bytesRead
      const text = Buffer.concat([this.#rest, block.subarray(0, bytesRead)])
      const end = text.lastIndexOf(0x0a) + 1
      this.#rest = Buffer.from(text.subarray(end))
      if (end > 0) this.#items = JSON.parse(`[${text.toString('utf8', 0, end - 1).replaceAll('\n', ',')}]`) as T[]
    }
  }
}

/** The least head of all cursors first: a heap of them. */
class Merge<T> {
  readonly #heap: { readonly cursor: Cursor<T>; readonly order: number }[]
  readonly #compare: (a: T, b: T) => number
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(cursors: readonly Cursor<T>[], compare: (a: T, b: T) => number) {
    this.#heap = cursors.map((cursor, order) => ({ cursor, order }))
    this.#compare = compare
    for (let i = (this.#heap.length >> 1) - 1; i >= 0; i--) this.#sink(i)
  }

  static async of<T>(cursors: readonly Cursor<T>[], compare: (a: T, b: T) => number): Promise<Merge<T>> {
    for (const cursor of cursors) await cursor.step()
    return new Merge(cursors, compare)
  }

  next(): Promise<T | undefined> {
    const taken = this.#turn.then(() => this.#take())
    this.#turn = taken.catch(() => undefined)
    return taken
  }

  async #take(): Promise<T | undefined> {
    const [top] = this.#heap
    if (top === undefined) return undefined
    const item = top.cursor.head
    await top.cursor.step()
    if (top.cursor.head === undefined) {
      const last = this.#heap.pop()!
      if (this.#heap.length > 0) this.#heap[0] = last
    }
    this.#sink(0)
    return item
  }

  #before(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a]!, this.#heap[b]!]
    return (this.#compare(one.cursor.head!, other.cursor.head!) || one.order - other.order) < 0
  }

  #sink(from: number): void {
    for (let at = from; ; ) {
      let least = at
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < this.#heap.length && this.#before(child, least)) least = child
      if (least === at) return
      const swapped = this.#heap[at]!
      this.#heap[at] = this.#heap[least]!
      this.#heap[least] = swapped
      at = least
    }
  }
}
