import { randomBytes } from 'node:crypto'
import { type Entry, type KeyRange, maxKeyBytes, type StateStore } from '../../runtime/state/state-store.js'
import { seeded } from '../schemas/random.js'

const text = (word: string) => Buffer.from(word)
const entry = (key: string, value: string): Entry => [text(key), text(value)]
const texts = (entries: Iterable<Entry>) => [...entries].map(([key, value]) => `${key}=${value}`).join(' ')
const [first, second, third] = ['header 1', 'header 2', 'header 3'].map(text) as [Buffer, Buffer, Buffer]

/** What every state store promises. `again` gives another store on what `store` keeps its entries in. */
export function stateStoreContract(name: string, open: () => StateStore, again: (store: StateStore) => StateStore): void {
  describe(`state store: ${name}`, () => {
    let store: StateStore
    const others: StateStore[] = []
    beforeEach(() => {
      store = open()
    })
    afterEach(async () => {
      await store.close()
      for (const other of others.splice(0)) await other.close()
    })

    test('begins empty', () => {
      expect(store.header()).toBeNull()
      expect(store.has(text('a'))).toBe(false)
      expect(store.get(text('a'))).toBeNull()
      expect(texts(store.range({}))).toBe('')
    })

    test('has what was merged, and nothing else', () => {
      expect(store.merge({ puts: [entry('a', '1'), entry('b', '')] }, first)).toBe(true)
      expect(['a', 'b', 'ab', 'c'].map(key => store.has(text(key)))).toEqual([true, true, false, false])
      expect(['a', 'b', 'c'].map(key => store.get(text(key))?.toString() ?? null)).toEqual(['1', '', null])
      expect(store.header()).toEqual(first)
    })

    test('puts replace, deletes remove, and of a key in both the put counts', () => {
      store.merge({ puts: [entry('a', '1'), entry('b', '2'), entry('c', '3')] }, first)
      store.merge({ puts: [entry('a', '9'), entry('b', '8')], deletes: [text('b'), text('c'), text('never there')] }, second)
      expect(texts(store.range({}))).toBe('a=9 b=8')
      expect(store.header()).toEqual(second)
    })

    test('is ordered by bytes, both ways, from a key that is included to one that is not', () => {
      store.merge({ puts: ['d', 'a', 'c', 'b'].map(key => entry(key, key)) }, first)
      const of = (range: KeyRange) => [...store.range(range)].map(([key]) => key.toString()).join('')
      expect(of({})).toBe('abcd')
      expect(of({ from: text('b'), before: text('d') })).toBe('bc')
      expect(of({ from: text('bb') })).toBe('cd')
      expect(of({ reverse: true })).toBe('dcba')
      expect(of({ from: text('b'), before: text('d'), reverse: true })).toBe('cb')
      expect(of({ before: text('c'), reverse: true, limit: 1 })).toBe('b')
      expect(of({ from: text('bb'), limit: 1 })).toBe('c')
      expect(of({ from: text('c'), before: text('b') })).toBe('')
      expect(of({ from: text('e') })).toBe('')
      const bytes = [Buffer.from([0]), Buffer.from([0, 0]), Buffer.from([127]), Buffer.from([128]), Buffer.from([255, 1])]
      store.clear()
      store.merge({ puts: [...bytes].reverse().map(key => [key, key] as const) }, first)
      expect([...store.range({})].map(([key]) => key)).toEqual(bytes)
    })

    test('what it hands out is the caller’s own', () => {
      store.merge({ puts: [entry('a', 'value')] }, first)
      const [held] = store.range({})
      const [key, value] = held!
      const got = store.get(text('a'))!
      store.merge({ puts: [entry('a', 'other')], deletes: [] }, second)
      store.get(text('a'))!.fill(0)
      expect([key, value, got].map(String)).toEqual(['a', 'value', 'value'])
      expect(store.get(text('a'))?.toString()).toBe('other')
    })

    test('keys may be long, and values large; a key that some store could not hold is refused, and nothing is changed', () => {
      const long = Buffer.alloc(maxKeyBytes, 'k')
      const large = randomBytes(3 << 20)
      store.merge({ puts: [[long, large]] }, first)
      expect(store.get(long)?.equals(large)).toBe(true)
      for (const key of [Buffer.alloc(0), Buffer.alloc(maxKeyBytes + 1)]) {
        expect(() => store.merge({ puts: [entry('a', '1'), [key, key]], deletes: [long] }, second)).toThrow(RangeError)
        expect(store.header()).toEqual(first)
        expect(store.has(long)).toBe(true)
        expect(store.has(text('a'))).toBe(false)
      }
    })

    test('who finds that somebody else has merged changes nothing', async () => {
      store.merge({ puts: [entry('a', '1')] }, first)
      const other = again(store)
      others.push(other)
      expect(other.header()).toEqual(first)
      expect(other.merge({ puts: [entry('a', '2')] }, second)).toBe(true)
      expect(store.merge({ puts: [entry('a', '3')], deletes: [text('a')] }, third)).toBe(false)
      expect(other.get(text('a'))?.toString()).toBe('2')
      expect(other.header()).toEqual(second)
      expect(other.merge({}, third)).toBe(true)
    })

    test('who finds that somebody else has cleared it changes nothing', () => {
      store.merge({ puts: [entry('a', '1')] }, first)
      const other = again(store)
      others.push(other)
      other.clear()
      expect(store.merge({ puts: [entry('a', '3')] }, second)).toBe(false)
      expect(other.merge({ puts: [entry('b', '1')] }, first)).toBe(true)
    })

    test('forgets everything when cleared', () => {
      store.merge({ puts: [entry('a', '1')] }, first)
      store.clear()
      expect(store.header()).toBeNull()
      expect(texts(store.range({}))).toBe('')
      expect(store.merge({ puts: [entry('b', '1')] }, second)).toBe(true)
      expect(texts(store.range({}))).toBe('b=1')
    })

    test('has it all after a restart', async () => {
      store.merge({ puts: [entry('a', '1'), entry('b', '2')] }, first)
      await store.close()
      store = again(store)
      expect(texts(store.range({}))).toBe('a=1 b=2')
      expect(store.header()).toEqual(first)
    })

    test('is what a map would be after any merges, restarts included', async () => {
      const seed = randomBytes(4).readUInt32BE()
      const { below } = seeded(seed)
      const model = new Map<string, string>()
      const word = () => `${below(40)}`.padStart(1 + below(3), 'x')
      for (let round = 0; round < 150; round++) {
        const puts = Array.from({ length: below(12) }, () => entry(word(), String(below(1000)).repeat(1 + below(300))))
        const deletes = Array.from({ length: below(12) }, () => text(word()))
        const header = text(`header ${round}`)
        expect(store.merge({ puts, deletes }, header)).toBe(true)
        for (const key of deletes) model.delete(key.toString())
        for (const [key, value] of puts) model.set(key.toString(), value.toString())
        if (below(10) === 0) {
          await store.close()
          store = again(store)
        }
        const [from, before] = [word(), word()]
        const reverse = below(2) === 0
        const expected = [...model].filter(([key]) => key >= from && key < before).sort(([a], [b]) => (a < b ? -1 : 1))
        const found = texts(store.range({ from: text(from), before: text(before), reverse }))
        const wanted = (reverse ? expected.reverse() : expected).map(([key, value]) => `${key}=${value}`).join(' ')
        if (found !== wanted || !store.header()?.equals(header)) throw new Error(`seed ${seed}, round ${round}: ${found} is not ${wanted}`)
      }
    })
  })
}
