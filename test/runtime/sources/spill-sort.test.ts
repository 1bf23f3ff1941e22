import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SpillSort } from '../../../runtime/sources/spill-sort.js'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-sort-'))
  folders.push(folder)
  return folder
}
interface Item {
  readonly at: number
  readonly text: string
}
/** The same numbers in every run. */
const items = (count: number): Item[] =>
  Array.from({ length: count }, (_, i) => ({ at: (i * 7919) % 101, text: `${i}\n"ü😀${'x'.repeat(i % 300)}` }))

test.each([0, 1, 9, 10, 11, 1000, 5003])(
  '%i items, ten of which fit into memory, come out sorted, equal ones as they went in',
  async count => {
    const folder = newFolder()
    const sort = new SpillSort<Item>(folder, (a, b) => a.at - b.at, 10)
    const all = items(count)
    for (const item of all) await sort.add(item)
    const sorted = await sort.sorted()
    // Whoever is killed leaves nothing.
    expect(readdirSync(folder)).toEqual([])
    const got: (Item | undefined)[] = []
    for (let i = 0; i < count; i++) got.push(await sorted.next())
    expect(got).toEqual([...all].sort((a, b) => a.at - b.at))
    expect([await sorted.next(), await sorted.next()]).toEqual([undefined, undefined])
    await sorted.close()
  },
)

test('several that ask at once get each item once', async () => {
  const sort = new SpillSort<Item>(newFolder(), (a, b) => a.at - b.at, 10)
  const all = items(500)
  for (const item of all) await sort.add(item)
  const sorted = await sort.sorted()
  const got: Item[] = []
  const reader = async () => {
    for (let item = await sorted.next(); item !== undefined; item = await sorted.next()) got.push(item)
  }
  await Promise.all([reader(), reader(), reader(), reader()])
  expect(got).toHaveLength(500)
  expect(new Set(got.map(({ text }) => text)).size).toBe(500)
  await sorted.close()
})
