import { gzipSync } from 'node:zlib'

/** What lies in a source bucket. */
export interface StoredObject {
  readonly key: string
  readonly body: Buffer
}

/** Where Torus would put an upload of this section: `at` makes the name, and the order, of its uploads. */
export const torusKey = (section: number, category: string, at: number, ending: '.jsonl' | '.jsonl.gz' = '.jsonl') =>
  `section/${section}/${category}/${new Date(Date.UTC(2025, 1, 1) + at * 60_000).toISOString().replaceAll(':', '-').replace('Z', '000Z')}_${at}${ending}`

/** Lines joined as Torus does it: no line end after the last one. */
export const jsonl = (lines: readonly string[]) => Buffer.from(lines.join('\n'))

/** Lines cut into uploads of `each`, every second one compressed. */
export function uploads(section: number, category: string, lines: readonly string[], each: number): StoredObject[] {
  const objects: StoredObject[] = []
  for (let i = 0; i * each < lines.length; i++) {
    const body = jsonl(lines.slice(i * each, (i + 1) * each))
    const key = torusKey(section, category, i, i % 2 ? '.jsonl.gz' : '.jsonl')
    objects.push({ key, body: i % 2 ? gzipSync(body, { level: 1 }) : body })
  }
  return objects
}

/** The same objects as they would be named when they are uploaded now. */
export function namedNow(objects: readonly StoredObject[], now: number): StoredObject[] {
  const time = (i: number) => new Date(now + i).toISOString().replaceAll(':', '-')
  return objects.map(({ key, body }, i) => ({ key: key.replace(/[^/]+(?=_[^_]*$)/, time(i)), body }))
}
