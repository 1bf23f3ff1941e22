import { gzipSync } from 'node:zlib'

/** What lies in a source bucket. */
export interface StoredObject {
  readonly key: string
  readonly body: Buffer
}

const longAgo = Date.UTC(2025, 1, 1)

/** Where Torus would put an upload of this section: `at`, in minutes behind `from`, makes the name, and the order, of its uploads. */
export function torusKey(section: number, category: string, at: number, ending: '.jsonl' | '.jsonl.gz' = '.jsonl', from = longAgo): string {
  const time = new Date(from + at * 60_000).toISOString().replaceAll(':', '-').replace('Z', '000Z')
  return `section/${section}/${category}/${time}_${at}${ending}`
}

/** A key of `torusKey` as it is whenever it was made. */
export const timeless = (key: string) => key.replace(/\/\d{4}-[^/_]*_/, '/_')

/** Lines joined as Torus does it: no line end after the last one. */
export const jsonl = (lines: readonly string[]) => Buffer.from(lines.join('\n'))

/** Lines cut into uploads of `each`, every second one compressed. */
export function uploads(section: number, category: string, lines: readonly string[], each: number, from = longAgo): StoredObject[] {
  const objects: StoredObject[] = []
  for (let i = 0; i * each < lines.length; i++) {
    const body = jsonl(lines.slice(i * each, (i + 1) * each))
    const key = torusKey(section, category, i, i % 2 ? '.jsonl.gz' : '.jsonl', from)
    objects.push({ key, body: i % 2 ? gzipSync(body, { level: 1 }) : body })
  }
  return objects
}
